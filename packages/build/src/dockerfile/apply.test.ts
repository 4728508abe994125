// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is about such text
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RunConfig } from '@slipway/core'
import { readDockerfile } from '../build.ts'
import { scratch } from '../ops/source.ts'
import { wholeConfig } from './config.ts'
import type { Outcome } from './stage.ts'
import { applyCommands } from './testing/apply.ts'

/** Applies the lines to an empty stage. */
const applyLines = (lines: readonly string[], config: RunConfig = {}): readonly Outcome[] => {
  const [stageText] = readDockerfile(['FROM scratch', ...lines].join('\n')).stages
  return applyCommands(stageText?.commands ?? [], { config })
}

const configs: readonly (readonly [lines: readonly string[], expected: RunConfig])[] = [
  [['ENV a=b c="d e" f=g\\ h'], { Env: ['a=b', 'c=d e', 'f=g h'] }],
  [['ENV legacy a  "b" c'], { Env: ['legacy=a  b c'] }],
  [['ENV abc=hello', 'ENV abc=bye def=$abc'], { Env: ['abc=bye', 'def=hello'] }],
  [['ENV a=1', 'ENV b=2', 'ENV a=3'], { Env: ['a=3', 'b=2'] }],
  [['LABEL a=b "c d"="e f"'], { Labels: { a: 'b', 'c d': 'e f' } }],
  [['ARG A=x', 'LABEL v=$A'], { Labels: { v: 'x' } }],
  [['ARG GIVEN=x', 'LABEL v=$GIVEN'], { Labels: { v: 'from outside' } }],
  [['ARG GLOBAL', 'LABEL v=$GLOBAL'], { Labels: { v: 'wide' } }],
  [['LABEL v=$GLOBAL'], { Labels: { v: '' } }],
  [['ARG A=x', 'ENV A=y', 'LABEL v=$A'], { Env: ['A=y'], Labels: { v: 'y' } }],
  [['CMD ["nginx", "-g", "daemon off;"]'], { Cmd: ['nginx', '-g', 'daemon off;'], ArgsEscaped: true }],
  [['CMD echo hi'], { Cmd: ['/bin/sh', '-c', 'echo hi'], ArgsEscaped: true }],
  [["CMD [ 'x' ]"], { Cmd: ['/bin/sh', '-c', "[ 'x' ]"], ArgsEscaped: true }],
  [
    ['SHELL ["/bin/bash", "-ec"]', 'CMD x'],
    { Shell: ['/bin/bash', '-ec'], Cmd: ['/bin/bash', '-ec', 'x'], ArgsEscaped: true },
  ],
  [['CMD a', 'ENTRYPOINT ["b"]'], { Cmd: ['/bin/sh', '-c', 'a'], ArgsEscaped: true, Entrypoint: ['b'] }],
  [['USER $X${Y:-web}:staff'], { User: 'web:staff' }],
  [['WORKDIR /a', 'WORKDIR b', 'WORKDIR ../c'], { WorkingDir: '/a/c' }],
  [['EXPOSE 80 443/TCP 53/udp'], { ExposedPorts: { '443/tcp': {}, '53/udp': {}, '80/tcp': {} } }],
  [['EXPOSE 80-82'], { ExposedPorts: { '80/tcp': {}, '81/tcp': {}, '82/tcp': {} } }],
  [['ENV P="1 2"', 'EXPOSE $P'], { Env: ['P=1 2'], ExposedPorts: { '1/tcp': {}, '2/tcp': {} } }],
  [['VOLUME /a /b', 'VOLUME ["/c d"]'], { Volumes: { '/a': {}, '/b': {}, '/c d': {} } }],
  [['STOPSIGNAL SIGQUIT'], { StopSignal: 'SIGQUIT' }],
  [['STOPSIGNAL 65'], { StopSignal: '65' }],
  [['STOPSIGNAL rtmax-14'], { StopSignal: 'rtmax-14' }],
  [
    ['EXPOSE 80/ :81 [::1]:8082:82 1-3:83 84-85:94-95'],
    { ExposedPorts: { '80/tcp': {}, '81/tcp': {}, '82/tcp': {}, '83/tcp': {}, '94/tcp': {}, '95/tcp': {} } },
  ],
  [['EXPOSE $X'], {}],
  [['VOLUME ["  /a  "]'], { Volumes: { '/a': {} } }],
  [['HEALTHCHECK --interval= --retries=+3 CMD x'], { Healthcheck: { Test: ['CMD-SHELL', 'x'], Retries: 3 } }],
  [['ARG BUILDKIT_SBOM_SCAN_STAGE=true', 'LABEL a=[$BUILDKIT_SBOM_SCAN_STAGE]'], { Labels: { a: '[]' } }],
  [
    ['HEALTHCHECK --interval=1m30s --retries=3 CMD curl x'],
    { Healthcheck: { Test: ['CMD-SHELL', 'curl x'], Interval: 90e9, Retries: 3 } },
  ],
  [['HEALTHCHECK cmd ["a","b"]'], { Healthcheck: { Test: ['CMD', 'a', 'b'] } }],
  [['HEALTHCHECK NONE'], { Healthcheck: { Test: ['NONE'] } }],
  [['ONBUILD RUN make', 'ONBUILD COPY . /src'], { OnBuild: ['RUN make', 'COPY . /src'] }],
]

const configAfter = (outcomes: readonly (Outcome | undefined)[]): RunConfig =>
  wholeConfig(outcomes.at(-1)?.stage.config ?? assert.fail())

test('instructions change the config', () => {
  for (const [lines, expected] of configs) assert.deepEqual(configAfter(applyLines(lines)), expected, lines.join('; '))
})

test('ENTRYPOINT takes an inherited CMD away', () => {
  const [outcome] = applyLines(['ENTRYPOINT ["b"]'], { Cmd: ['a'], User: 'web' })
  assert.deepEqual(configAfter([outcome]), { User: 'web', Entrypoint: ['b'] })
})

const histories: readonly (readonly [lines: readonly string[], expected: string])[] = [
  [['ENV a=b c=d'], 'ENV a=b c=d'],
  [['ARG A=1 B'], 'ARG A=1 B'],
  [['LABEL a=b'], 'LABEL a=b'],
  [['MAINTAINER Jane <j@x.org>'], 'MAINTAINER Jane <j@x.org>'],
  [['RUN make'], 'RUN /bin/sh -c make # buildkit'],
  [['RUN ["a", "b"]'], 'RUN a b # buildkit'],
  [['ARG A=1', 'ARG B', 'RUN make'], 'RUN |2 A=1 B= /bin/sh -c make # buildkit'],
  [['ARG A=1', 'ENV A=2', 'RUN make'], 'RUN |1 A=2 /bin/sh -c make # buildkit'],
  [['RUN <<EOF', 'a', 'b', 'EOF'], 'RUN /bin/sh -c a\nb\n # buildkit'],
  [['RUN cat <<EOF > x', 'a', 'EOF'], 'RUN /bin/sh -c cat <<EOF > x\na\nEOF # buildkit'],
  [['RUN <<EOF', '#!/bin/python', 'EOF'], 'RUN /bin/sh -c /dev/pipes/EOF # buildkit'],
  [['COPY a b /c/'], 'COPY a b /c/ # buildkit'],
  [['WORKDIR /w', 'COPY . .'], 'COPY . . # buildkit'],
  [['COPY --chown=1:2 --from=0 a /b'], 'COPY --chown=1:2 a /b # buildkit'],
  [['COPY <<f /d/', 'x', 'f'], 'COPY <<f /d/ # buildkit'],
  [['ADD a.tar /x'], 'ADD a.tar /x # buildkit'],
  [['WORKDIR /w'], 'WORKDIR /w'],
  [['CMD ["nginx", "-g", "daemon off;"]'], 'CMD ["nginx" "-g" "daemon off;"]'],
  [['ENTRYPOINT x'], 'ENTRYPOINT ["/bin/sh" "-c" "x"]'],
  [['EXPOSE 443 80'], 'EXPOSE [443/tcp 80/tcp]'],
  [['VOLUME /a'], 'VOLUME [/a]'],
  [['SHELL ["a", "b"]'], 'SHELL [a b]'],
  [['USER web'], 'USER web'],
  [['STOPSIGNAL 9'], 'STOPSIGNAL 9'],
  [['HEALTHCHECK --timeout=3s CMD x'], `HEALTHCHECK &{["CMD-SHELL" "x"] "0s" "3s" "0s" "0s" '\\x00'}`],
  [
    ['HEALTHCHECK --retries=65 --interval=1h2m3s --timeout=1.5s CMD x'],
    `HEALTHCHECK &{["CMD-SHELL" "x"] "1h2m3s" "1.5s" "0s" "0s" 'A'}`,
  ],
  [['HEALTHCHECK --retries=300 CMD x'], `HEALTHCHECK &{["CMD-SHELL" "x"] "0s" "0s" "0s" "0s" 'Ĭ'}`],
  [['CMD ["\\u0000\\u0007\\u000b\\u007f\\u2028\\u00a0é😀\\""]'], 'CMD ["\\x00\\a\\v\\x7f\\u2028\\u00a0é😀\\""]'],
  [['COPY ["<<EOF", "/x"]'], 'COPY <<EOF /x # buildkit'],
  [['ARG no', 'COPY --chown=$no --chmod=$no a /b'], 'COPY a /b # buildkit'],
  [['COPY --chown=: a /b'], 'COPY --chown=: a /b # buildkit'],
  [['ADD --checksum= a /b'], 'ADD a /b # buildkit'],
  // An address begins in small letters.
  [['COPY HTTP://h/b /x'], 'COPY HTTP://h/b /x # buildkit'],
  [[`ADD --checksum=sha384:${'a'.repeat(96)} http://h/b /x`], 'ADD http://h/b /x # buildkit'],
  [['COPY --link --parents --chmod=1 a /b'], 'COPY --parents --chmod=1 a /b # buildkit'],
]

test('instructions write the history that BuildKit writes', () => {
  for (const [lines, expected] of histories)
    assert.equal(applyLines(lines).at(-1)?.createdBy, expected, lines.join('; '))
})

test('only RUN, COPY, ADD and WORKDIR make a layer', () => {
  const outcomes = applyLines(['ENV a=b', 'ARG x', 'USER y', 'CMD z', 'WORKDIR /', 'EXPOSE 1'])
  assert.deepEqual(new Set(outcomes.map(({ stage }) => stage.root)), new Set([scratch]))
  const layers = applyLines(['RUN a', 'COPY a b', 'ADD a b', 'WORKDIR /w', 'COPY <<e /\ne'])
  assert.equal(new Set(layers.map(({ stage }) => stage.root)).size, 5)
})

/** The key of a RUN after some lines, on the same parent. */
const runKey = (...lines: readonly string[]): string | undefined => {
  const vertex = applyLines([...lines, 'RUN make']).at(-1)?.stage.root.vertex
  return vertex?.op.cacheKey(['sha256:parent'])
}

test('the key of a RUN has everything in it that can change what it does', () => {
  assert.equal(
    runKey(),
    runKey('LABEL a=b', 'CMD x', 'EXPOSE 1', 'ARG http_proxy'.replace('ARG http_proxy', 'LABEL c=d')),
  )
  const keys = [[], ['ENV a=b'], ['ENV a=c'], ['ARG A=1'], ['USER 1'], ['SHELL ["x"]']].map((lines) => runKey(...lines))
  assert.equal(new Set(keys).size, keys.length)
})

const refusals: readonly (readonly [lines: readonly string[], message: string])[] = [
  [['STOPSIGNAL NOPE'], 'invalid signal: NOPE'],
  [['EXPOSE http'], 'invalid containerPort: http'],
  [['EXPOSE 80:'], 'invalid port: "80:": no port specified'],
  [['EXPOSE /tcp'], 'invalid port: "/tcp": no port specified'],
  [['EXPOSE 80/tcp/udp'], 'invalid port: "80/tcp/udp": invalid proto: tcp/udp'],
  [['EXPOSE 70000'], 'invalid containerPort: 70000'],
  [['EXPOSE 1-2-3'], 'invalid containerPort: 1-2-3'],
  [['EXPOSE x:80'], 'invalid hostPort: x'],
  [['EXPOSE 1.2.3:1:2'], 'invalid IP address: 1.2.3'],
  [['EXPOSE 1-3:4-9'], 'invalid ranges specified for container and host Ports: 4-9 and 1-3'],
  [['STOPSIGNAL 0'], 'invalid signal: 0'],
  [['STOPSIGNAL SIGRTMIN+16'], 'invalid signal: SIGRTMIN+16'],
  [['STOPSIGNAL SIGRTMIN+0'], 'invalid signal: SIGRTMIN+0'],
  [['ENV a=${b'], 'failed to process "${b": unsupported modifier (\uFFFD) in substitution'],
  [['ADD git@github.com:a/b.git?depth=1 /x'], 'unexpected query "depth"'],
  [['ADD --keep-git-dir git://h/b?keep-git-dir=0 /x'], 'inconsistent keep-git-dir configuration'],
  [['ADD --keep-git-dir=false git://h/b?keep-git-dir /x'], 'inconsistent keep-git-dir configuration'],
  [['ADD --checksum=abc git://h/b?checksum=def /x'], 'checksum mismatch "abc" != "def"'],
  [['ADD --checksum=sha256:00 http://h/b /x'], 'invalid checksum digest length'],
  [['ADD --checksum=md5:00 http://h/b /x'], 'unsupported digest algorithm'],
  [['ADD --checksum=00 http://h/b /x'], 'invalid checksum digest format'],
  [[`ADD --checksum=sha384:${'A'.repeat(96)} http://h/b /x`], 'invalid checksum digest format'],
  [['ADD --checksum=00 http://h/b http://h/c /x'], "checksum can't be specified for multiple sources"],
  [['ADD --checksum=00 b /x'], 'checksum requires HTTP(S) or Git sources'],
  [['COPY http://h/b /x'], "source can't be a URL for COPY"],
  [['COPY git://h/b /x'], "source can't be a git ref for COPY"],
  [['COPY --chmod=-1 a /x'], 'invalid syntax'],
  [['COPY --chmod=8 a /x'], "invalid chmod parameter: '8'. it should be octal string and between 0 and 07777"],
  [['RUN --device=gpu x'], 'dockerfile parse error on line 2: RUN --device is not supported'],
  [['RUN --security=insecure x'], 'dockerfile parse error on line 2: RUN --security=insecure is not supported'],
  [['RUN --mount= x'], 'dockerfile parse error on line 2: failed to parse csv mounts: EOF'],
]

test('instructions say what is wrong with their values', () => {
  for (const [lines, message] of refusals) assert.throws(() => applyLines(lines), { message }, lines.join('; '))
})
