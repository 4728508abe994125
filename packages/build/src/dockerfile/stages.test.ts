// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is about such text
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readDockerfile } from '../build.ts'
import { globalArguments } from './globals.ts'
import { placesOf } from './problem.ts'
import { reachableStages, refuseCircles } from './reach.ts'
import { findStage, sourceOf, targetStage } from './stages.ts'
import { unusedArguments } from './unused.ts'

const mistakes: readonly (readonly [text: string, message: string])[] = [
  ['FROM a\n\nRUNN x', 'dockerfile parse error on line 3: unknown instruction: RUNN (did you mean RUN?)'],
  ['FROM a\nrunn x', 'dockerfile parse error on line 2: unknown instruction: runn (did you mean run?)'],
  ['FROM a\nRunn x', 'dockerfile parse error on line 2: unknown instruction: Runn (did you mean run?)'],
  ['FROM a\nCOPY --From=x a b', 'dockerfile parse error on line 2: unknown flag: --From (did you mean from?)'],
  [
    'FROM a\nCOPY --nonsense x',
    'dockerfile parse error on line 2: COPY requires at least two arguments, but only one was provided. Destination could not be determined',
  ],
  ['FROM --x=y', 'dockerfile parse error on line 1: FROM requires either one or three arguments'],
  ['FROM --x=y a', 'dockerfile parse error on line 1: unknown flag: --x'],
  ['FROM a\nWORKDIR --x=y /a', 'dockerfile parse error on line 2: unknown flag: --x'],
  ['FROM a\nHEALTHCHECK --x=y CMD z', 'dockerfile parse error on line 2: unknown flag: --x'],
  ['FROM a\nHEALTHCHECK CMD []', 'dockerfile parse error on line 2: Missing command after HEALTHCHECK CMD'],
  ['FROM a\nHEALTHCHECK --retries=-1 CMD x', 'dockerfile parse error on line 2: --retries cannot be negative (-1)'],
  [
    'FROM a\nHEALTHCHECK --retries=x CMD x',
    'dockerfile parse error on line 2: strconv.ParseInt: parsing "x": invalid syntax',
  ],
  [
    'FROM a\nHEALTHCHECK --retries=3000000000 CMD x',
    'dockerfile parse error on line 2: strconv.ParseInt: parsing "3000000000": value out of range',
  ],
  [
    'FROM a\nHEALTHCHECK --interval=5x CMD x',
    'dockerfile parse error on line 2: time: unknown unit "x" in duration "5x"',
  ],
  ['FROM a\nHEALTHCHECK --interval=5 CMD x', 'dockerfile parse error on line 2: time: missing unit in duration "5"'],
  [
    'FROM a\nHEALTHCHECK --interval=-5s CMD x',
    'dockerfile parse error on line 2: Interval "interval" cannot be less than 1ms',
  ],
  ['FROM a\nSHELL', 'dockerfile parse error on line 2: SHELL requires at least one argument'],
  ['FROM a\nXYZZY x', 'dockerfile parse error on line 2: unknown instruction: XYZZY'],
  ['FRMO a', 'dockerfile parse error on line 1: unknown instruction: FRMO (did you mean FROM?)'],
  ['RUN x', 'no build stage in current context'],
  ['ARG a', 'dockerfile contains no stages to build'],
  ['FROM', 'dockerfile parse error on line 1: FROM requires either one or three arguments'],
  ['FROM a b', 'dockerfile parse error on line 1: FROM requires either one or three arguments'],
  [
    'FROM a AS 1x',
    `dockerfile parse error on line 1: invalid name for build stage: "1x", name can't start with a number or contain symbols`,
  ],
  ['FROM a\nENV x', 'ENV must have two arguments'],
  ['FROM a\nENV', 'dockerfile parse error on line 2: ENV requires at least one argument'],
  ['FROM a\nENV a=b c', `Syntax error - can't find = in "c". Must be of the form: name=value`],
  ['FROM a\nENV =b', 'dockerfile parse error on line 2: ENV names can not be blank'],
  ['FROM a\nARG =b', 'dockerfile parse error on line 2: ARG names can not be blank'],
  ['FROM a\nRUN --mout=x y', 'dockerfile parse error on line 2: unknown flag: --mout (did you mean mount?)'],
  ['FROM a\nCOPY --from=a --from=b c d', 'dockerfile parse error on line 2: duplicate flag specified: --from'],
  ['FROM a\nCOPY --from c d', 'dockerfile parse error on line 2: missing a value on flag: --from'],
  [
    'FROM a\nCOPY --link=yes c d',
    'dockerfile parse error on line 2: expecting boolean value for flag --link, not: yes',
  ],
  [
    'FROM a\nCOPY x',
    'dockerfile parse error on line 2: COPY requires at least two arguments, but only one was provided. Destination could not be determined',
  ],
  [
    'FROM a\nCOPY --from=$x a b',
    'variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround',
  ],
  ['FROM a\nCMD ["a", 1]', 'when using JSON array syntax, arrays must be comprised of strings only'],
  ['FROM a\nSHELL /bin/sh', 'dockerfile parse error on line 2: SHELL requires the arguments to be in JSON form'],
  ['FROM a\nWORKDIR', 'dockerfile parse error on line 2: WORKDIR requires exactly one argument'],
  ['FROM a\nHEALTHCHECK x', 'dockerfile parse error on line 2: Unknown type "X" in HEALTHCHECK (try CMD)'],
  ['FROM a\nHEALTHCHECK CMD', 'dockerfile parse error on line 2: Missing command after HEALTHCHECK CMD'],
  [
    'FROM a\nHEALTHCHECK --interval=1us CMD x',
    'dockerfile parse error on line 2: Interval "interval" cannot be less than 1ms',
  ],
  [
    'FROM a\nONBUILD ONBUILD RUN x',
    "dockerfile parse error on line 2: Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed",
  ],
  ['FROM a\nONBUILD FROM x', "dockerfile parse error on line 2: FROM isn't allowed as an ONBUILD trigger"],
  ['FROM a\nRUN --network=x y', 'dockerfile parse error on line 2: invalid network mode "x"'],
  [
    'FROM a\nRUN --mount=from=$x,target=/x y',
    "dockerfile parse error on line 2: 'from' doesn't support variable expansion, define alias stage instead",
  ],
]

test('readDockerfile() says what is wrong, and where', () => {
  for (const [text, message] of mistakes) assert.throws(() => readDockerfile(text), { message }, text)
})

const multiStage = [
  'FROM busybox AS base',
  'FROM base AS build',
  'FROM busybox AS unused',
  'FROM busybox AS tools',
  'FROM base',
  'COPY --from=build /a /a',
  'COPY --from=3 /b /b',
].join('\n')

test('flags that are never looked at are not wrong', () => {
  const { stages } = readDockerfile('FROM a\nARG --x=y b\nSTOPSIGNAL --x=y 9\nHEALTHCHECK --x=y NONE')
  assert.equal(stages[0]?.commands.length, 3)
})

test('reachableStages() finds what a target needs, through FROM and --from', () => {
  const { stages } = readDockerfile(multiStage)
  const reached = (target?: string) =>
    reachableStages(stages, targetStage(stages, target), new Map()).map(({ index }) => index)
  assert.deepEqual(reached(), [0, 1, 3, 4])
  assert.deepEqual(reached('build'), [0, 1])
  assert.deepEqual(reached('BUILD'), [0, 1])
})

test('targetStage() and sourceOf() refuse what is not there', () => {
  const { stages } = readDockerfile(multiStage)
  assert.throws(() => targetStage(stages, 'buildd'), {
    message: 'target stage "buildd" could not be found (did you mean build?)',
  })
  const find = (stage: number, name: string, target?: string) =>
    sourceOf(stages, target === undefined ? { name } : { name, target }, stages[stage] ?? assert.fail())
  assert.throws(() => find(1, 'tools'), { message: /"tools", it needs to be defined before current stage "build"/ })
  assert.throws(() => find(0, '2', undefined), { message: /needs to be defined before current stage "base"/ })
  assert.throws(() => find(1, 'tools', '/m'), { message: /cannot mount from stage "tools" to "\/m", stage needs/ })
  assert.throws(() => find(4, '7'), { message: 'invalid stage index 7' })
  assert.throws(() => find(4, '-1'), { message: 'invalid stage index -1' })
  assert.equal(find(4, '+01'), stages[1])
  assert.equal(find(4, 'TOOLS'), stages[3])
  assert.equal(findStage(stages, 'BASE', 4), undefined)
  assert.equal(find(4, 'nginx'), undefined)
  assert.equal(find(4, '7', '/m'), undefined)
})

test('globalArguments() lets ARGs see those before them, and build arguments win', () => {
  const { globals } = readDockerfile('ARG A=1 B=${A}2\nARG C\nARG D=x$TARGETARCH\nFROM a')
  const values = globalArguments(globals, {
    platform: { os: 'linux', architecture: 'arm64' },
    buildArgs: { A: '7', C: null },
  })
  assert.deepEqual(
    [values.get('A'), values.get('B'), values.get('C'), values.get('D')],
    ['7', '72', undefined, 'xarm64'],
  )
  assert.equal(values.get('TARGETPLATFORM'), 'linux/arm64')
  assert.equal(values.get('TARGETSTAGE'), 'default')
  const named = globalArguments(globals, {
    platform: { os: 'linux', architecture: 'arm', variant: 'v7' },
    stageName: 'last',
    buildArgs: { TARGETOS: 'plan9' },
  })
  const names = ['TARGETPLATFORM', 'TARGETOS', 'TARGETARCH', 'TARGETVARIANT', 'TARGETOSVERSION', 'TARGETSTAGE']
  assert.deepEqual(
    names.map((name) => named.get(name)),
    ['linux/arm/v7', 'plan9', 'arm', 'v7', '', 'last'],
  )
})

test('unusedArguments() names the build arguments that nobody takes', () => {
  const file = readDockerfile('ARG A\nFROM a\nARG B=1')
  assert.deepEqual(unusedArguments(file, file.stages, { A: '1', B: '2', C: '3', http_proxy: 'x' }), ['C'])
})

test('targetStage() takes no numbers', () => {
  const { stages } = readDockerfile(multiStage)
  assert.throws(() => targetStage(stages, '2'), { message: 'target stage "2" could not be found' })
  // Those without a name have one here.
  const message = 'target stage "stage-9" could not be found (did you mean stage-4?)'
  assert.throws(() => targetStage(stages, 'stage-9'), { message })
})

test('refuseCircles() finds stages that need themselves', () => {
  const refuse = (...lines: readonly string[]) => refuseCircles(readDockerfile(lines.join('\n')).stages)
  refuse('FROM a AS one', 'FROM a', 'COPY --from=one x x', 'COPY --from=0 x x', 'COPY --from=image x x')
  const message = /circular dependency detected on stage: one/
  assert.throws(() => refuse('FROM a AS one', 'COPY --from=two x x', 'FROM a AS two', 'COPY --from=one x x'), message)
  assert.throws(() => refuse('FROM a AS one', 'RUN --mount=from=one,target=/x true'), message)
  assert.throws(() => refuse('FROM a', 'COPY --from=0 x x'), /circular dependency detected on stage: stage-0/)
  const lines = [
    'FROM a AS a',
    'COPY --from=c x x',
    'FROM a AS b',
    'COPY --from=a x x',
    'FROM a AS c',
    'COPY \\',
    ' --from=b x x',
  ]
  const isAsExpected = (error: unknown): boolean => {
    // The last step of the way comes first, as BuildKit tells them.
    assert.deepEqual(
      placesOf(error).map(({ start, end }) => [start, end]),
      [
        [4, 4],
        [6, 7],
        [2, 2],
      ],
    )
    return true
  }
  assert.throws(() => refuse(...lines), isAsExpected)
})
