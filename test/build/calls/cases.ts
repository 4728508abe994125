// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is about such text

/** A question about a Dockerfile: `docker build --call=…`. */
export interface CallCase {
  readonly name: string
  readonly call: 'check' | 'outline' | 'targets'
  readonly lines: readonly string[]
  readonly ignore?: string
  readonly args?: Readonly<Record<string, string>>
  readonly target?: string
  /** Where a newer frontend than that of dockerd 28.5 warns of less: which rules alone. */
  readonly onlyRules?: readonly string[]
}

const check = (name: string, ...lines: readonly string[]): CallCase => ({ name, call: 'check', lines })
const outline = (name: string, ...lines: readonly string[]): CallCase => ({ name, call: 'outline', lines })

const checks: readonly CallCase[] = [
  check('nothing', 'FROM scratch', 'COPY a /a'),
  check('stage names', 'FROM scratch AS Base', 'FROM base'),
  check('casing of as', 'FROM scratch as one', 'from scratch AS two', 'From scratch aS three'),
  check('empty continuation', 'FROM scratch', 'COPY \\', '', '  a /a'),
  check('empty continuations', 'FROM scratch', 'LABEL a=1 \\', '# comment', '  b=2 \\', '', '', '  c=3'),
  check('casing of instructions', 'FROM scratch', 'copy a /a', 'LABEL a=b', 'Env c=d'),
  check('casing in small letters', 'from scratch', 'copy a /a', 'LABEL a=b'),
  check('the same stage twice', 'FROM scratch AS a', 'FROM scratch AS a', 'FROM scratch AS A'),
  check('reserved names', 'FROM scratch AS scratch', 'FROM scratch AS context'),
  check('shell forms', 'FROM scratch', 'CMD echo', 'ENTRYPOINT echo'),
  check('shell forms with a shell', 'FROM scratch', 'SHELL ["/bin/x"]', 'CMD echo', 'ENTRYPOINT echo'),
  check('maintainer', 'FROM scratch', 'MAINTAINER me'),
  {
    ...check('an argument sets the checks', '# check=skip=StageNameCasing', 'FROM scratch AS Base', 'MAINTAINER me'),
    args: { BUILDKIT_DOCKERFILE_CHECK: 'skip=MaintainerDeprecated' },
  },
  check('arguments of from', 'ARG VERSION', 'FROM scratch:$VERSON', 'FROM $OTHER'),
  check('arguments of from with defaults', 'ARG V=1', 'FROM ${W:-scratch}', 'FROM scratch${V:+}'),
  check('platform arguments', 'FROM --platform=$BULIDPLATFORM scratch'),
  check(
    'constant platforms',
    'FROM --platform=linux/amd64 scratch AS a',
    'FROM --platform=linux/amd64 scratch AS amd64',
  ),
  check('constant platform behind a name', 'FROM --platform=linux/arm64 scratch AS build_arm64', 'FROM scratch'),
  check('default of from', 'ARG TAG', 'FROM scratch:${TAG}'),
  check('default of from that is empty', 'ARG IMAGE', 'FROM ${IMAGE}'),
  check('default of from that is fine', 'ARG TAG=scratch', 'FROM ${TAG}'),
  check('platform that is redundant', 'FROM --platform=$TARGETPLATFORM scratch'),
  check('workdirs', 'FROM scratch', 'WORKDIR a', 'WORKDIR b'),
  check('workdirs behind an absolute one', 'FROM scratch', 'WORKDIR /a', 'WORKDIR b'),
  check('workdirs of a stage below', 'FROM scratch AS a', 'WORKDIR /a', 'FROM a', 'WORKDIR b'),
  check('workdir of a variable', 'FROM scratch', 'ARG A=/x', 'WORKDIR $A', 'FROM scratch', 'ARG A=x', 'WORKDIR $A'),
  check('undefined variables', 'FROM scratch', 'COPY $foo .', 'LABEL a=${bar} b="$baz"'),
  check('undefined with defaults', 'FROM scratch', 'LABEL a=${bar:-x} b=${c+y} d=${e#x} f=${g?}'),
  check('undefined in quotes', 'FROM scratch', "LABEL a='$bar' b=\\$baz"),
  check('undefined with a hint', 'FROM scratch', 'ARG DIR_BINARIES=x', 'COPY a ${DIR_ASSETS}', 'ENV path=$PATHH'),
  check('declared and without a value', 'FROM scratch', 'ARG foo', 'LABEL a=$foo'),
  check('declared too late', 'FROM scratch', 'LABEL a=$foo', 'ARG foo=1'),
  check('declared above', 'ARG foo=1', 'FROM scratch', 'LABEL a=$foo'),
  check('undefined in commands', 'FROM scratch', 'RUN echo $foo', 'CMD ["$foo"]', 'HEALTHCHECK CMD $foo'),
  check(
    'undefined in every place',
    'FROM scratch',
    'USER $a',
    'WORKDIR /$b',
    'VOLUME $c',
    'EXPOSE 8${d}0',
    'STOPSIGNAL 9$e',
  ),
  check('undefined in arguments', 'FROM scratch', 'ARG a=$b', 'ENV c=$d'),
  check('undefined in mounts', 'FROM scratch', 'RUN --mount=type=cache,target=/$a true', 'COPY --chown=$b a /'),
  check('undefined in heredocs', 'FROM scratch', 'COPY <<EOF /x', '$a', 'EOF'),
  check('undefined in a stage that nobody needs', 'FROM scratch AS a', 'LABEL a=$b', 'FROM scratch'),
  check('undefined in a child', 'FROM scratch AS a', 'ARG b=1', 'FROM a', 'LABEL c=$b d=$e'),
  check(
    'several of one',
    'FROM scratch',
    'CMD ["a"]',
    'CMD ["b"]',
    'ENTRYPOINT ["a"]',
    'ENTRYPOINT ["b"]',
    'HEALTHCHECK NONE',
    'HEALTHCHECK NONE',
  ),
  check('legacy pairs', 'FROM scratch', 'ENV a b', 'LABEL c d e', 'ENV f=g'),
  check(
    'secrets',
    'FROM scratch',
    'ARG password',
    'ENV AWS_SECRET_ACCESS_KEY=x API_TOKEN=y PUBLIC_KEY=z',
    'ARG apikey=1 monkey=2',
  ),
  {
    ...check('ignored files', '# check=experimental=all', 'FROM scratch', 'COPY a /', 'ADD b /b', 'COPY c /'),
    ignore: 'a\nb\n',
  },
  { ...check('ignored files, not asked for', 'FROM scratch', 'COPY a /'), ignore: 'a\n' },
  check(
    'descriptions',
    '# check=experimental=all',
    '# bar this is wrong',
    'ARG foo=1',
    '# base is right',
    'FROM scratch AS base',
    '# other',
    'FROM scratch AS build',
  ),
  check('exposed', 'FROM scratch', 'EXPOSE 80/TCP 81/udp 8080:80 127.0.0.1:80:80'),
  check(
    'skipped',
    '# check=skip=MaintainerDeprecated,JSONArgsRecommended',
    'FROM scratch',
    'MAINTAINER me',
    'CMD x',
    'ENV a b',
  ),
  {
    ...check('skipped here', 'FROM scratch', '# check=skip=LegacyKeyValueFormat', 'ENV a b', 'MAINTAINER x'),
    onlyRules: ['MaintainerDeprecated'],
  },
  check('all skipped', '# check=skip=all', 'FROM scratch', 'MAINTAINER me', 'CMD x'),
  check('errors', '# check=error=true', 'FROM scratch', 'MAINTAINER me'),
  check('a file that is none', 'FROM scratch', 'RUNN x'),
  check('a stage that is not there', 'FROM scratch', 'COPY --from=5 a b'),
]

const outlines: readonly CallCase[] = [
  outline('nothing to tell', 'FROM scratch', 'COPY a /a'),
  outline(
    'arguments',
    'ARG A=1',
    '# B is second',
    'ARG B=2 C',
    'FROM scratch',
    'ARG B',
    '# D is local',
    'ARG D=$B',
    'ARG TARGETOS',
  ),
  outline('arguments that nobody uses', 'ARG A=1', 'ARG B=2', 'FROM scratch', 'ARG B'),
  outline('arguments through others', 'ARG A=1', 'ARG B=x$A', 'ARG C=y$B', 'FROM scratch', 'ARG C'),
  outline('arguments in from', 'ARG A=scratch', 'ARG B=linux/amd64', 'FROM --platform=$B $A'),
  outline(
    'secrets and agents',
    'FROM scratch',
    'RUN --mount=type=secret,id=a --mount=type=secret,id=b,required true',
    'RUN --mount=type=ssh true',
    'RUN --mount=type=ssh,id=x,required true',
  ),
  outline(
    'a stage with a description',
    '# one is the first',
    'FROM scratch AS one',
    'ARG A=1',
    '# two is the second',
    'FROM one AS two',
    'ARG B=2',
  ),
  outline(
    'stages that are needed',
    'FROM scratch AS a',
    'ARG A=1',
    'RUN --mount=type=secret,id=a true',
    'FROM scratch AS b',
    'ARG B=1',
    'FROM scratch AS c',
    'ARG C=1',
    'COPY --from=a /x /x',
  ),
  {
    ...outline('a target', '# a is first', 'FROM scratch AS a', 'ARG A=1', 'FROM scratch AS b', 'ARG B=1'),
    target: 'a',
  },
  { ...outline('arguments that are given', 'ARG A=1', 'FROM scratch', 'ARG A', 'ARG B=2'), args: { A: '7', B: '8' } },
  outline('the same argument twice', 'FROM scratch', 'ARG A=1', 'ARG A=2'),
]

const targets: readonly CallCase[] = [
  { name: 'one target', call: 'targets', lines: ['FROM scratch'] },
  {
    name: 'several targets',
    call: 'targets',
    lines: [
      '# first is first',
      'FROM scratch AS first',
      '# not a description',
      '',
      'FROM first',
      '# last is last',
      'FROM --platform=$BUILDPLATFORM scratch AS last',
    ],
  },
  { name: 'targets and arguments', call: 'targets', lines: ['ARG A=scratch', 'FROM $A AS x'] },
]

export const callCases: readonly CallCase[] = [...checks, ...outlines, ...targets]
