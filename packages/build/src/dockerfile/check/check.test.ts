// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is about such text
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ignoreMatcher } from '@slipway/core'
import { readDockerfile } from '../../build.ts'
import { findDirective } from '../directives.ts'
import type { Command } from '../instruction.ts'
import type { Setting } from '../stage.ts'
import { applyCommands, testSetting } from '../testing/apply.ts'
import { checkDockerfile } from './check.ts'
import { describeRule, type Finding, type Notice, ruleAddress, ruleNames } from './rules.ts'
import { type CheckSetting, parseCheckSetting } from './setting.ts'

/** What is found in the text, and then when each of its stages is carried out. */
const found = (text: string, patterns: readonly string[] = []): readonly string[] => {
  const { findings, isOn } = checkDockerfile(text, parseCheckSetting(findDirective(text, 'check') ?? ''))
  const later: Finding[] = []
  const setting: Setting = { ...testSetting, ignore: ignoreMatcher(patterns) }
  const noticeOf =
    ({ line: { start } }: Command): Notice =>
    (rule, what, place) =>
      void later.push({ rule, text: what, line: place?.start ?? start })
  for (const { commands } of readDockerfile(text).stages) applyCommands(commands, { setting, noticeOf })
  return [...findings, ...later.filter(isOn)]
    .sort((a, b) => a.line - b.line)
    .map(({ rule, text: what, line }) => `${line} ${rule}: ${what}`)
}

const cases: readonly (readonly [text: string, expected: readonly string[]])[] = [
  ['FROM a AS b\nCMD ["x"]\n', []],
  ['FROM a AS Base', ["1 StageNameCasing: Stage name 'Base' should be lowercase"]],
  ['FROM a as b', ["1 FromAsCasing: 'as' and 'FROM' keywords' casing do not match"]],
  ['FROM a\nRUN x \\\n\n  y', ['4 NoEmptyContinuation: Empty continuation line']],
  ['FROM a\nRUN <<E\n\nx\nE', []],
  [
    'FROM a\nrun x\nRUN y',
    ["2 ConsistentInstructionCasing: Command 'run' should match the case of the command majority (uppercase)"],
  ],
  [
    'from a\nrun x\nRun y',
    ["3 ConsistentInstructionCasing: Command 'Run' should match the case of the command majority (lowercase)"],
  ],
  ['FROM a AS b\nFROM c AS b', ['2 DuplicateStageName: Duplicate stage name "b", stage names should be unique']],
  ['FROM a AS scratch', ['1 ReservedStageName: Stage name should not use the same name as reserved stage "scratch"']],
  [
    'FROM a\nCMD x',
    ['2 JSONArgsRecommended: JSON arguments recommended for CMD to prevent unintended behavior related to OS signals'],
  ],
  ['FROM a\nSHELL ["sh"]\nCMD x', []],
  ['FROM a\nMAINTAINER me', ['2 MaintainerDeprecated: Maintainer instruction is deprecated in favor of using label']],
  [
    'ARG VERSION=1\nFROM a:${VERSON}',
    [
      "2 UndefinedArgInFrom: FROM argument 'VERSON' is not declared (did you mean VERSION?)",
      '2 InvalidDefaultArgInFrom: Default value for ARG a:${VERSON} results in empty or invalid base image name',
    ],
  ],
  [
    'ARG TAG\nFROM a:${TAG}',
    ['2 InvalidDefaultArgInFrom: Default value for ARG a:${TAG} results in empty or invalid base image name'],
  ],
  ['ARG TAG=1\nFROM --platform=$BUILDPLATFORM a:$TAG', []],
  [
    'FROM a\nCMD ["x"]\nCMD ["y"]',
    [
      '2 MultipleInstructionsDisallowed: Multiple CMD instructions should not be used in the same stage because only the last one will be used',
    ],
  ],
  [
    'FROM a\nENV a b',
    ['2 LegacyKeyValueFormat: "ENV key=value" should be used instead of legacy "ENV key value" format'],
  ],
  [
    'FROM --platform=$TARGETPLATFORM a',
    [
      '1 RedundantTargetPlatform: Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior',
    ],
  ],
  [
    'FROM --platform=linux/amd64 a',
    ['1 FromPlatformFlagConstDisallowed: FROM --platform flag should not use constant value "linux/amd64"'],
  ],
  [
    'FROM a\nARG GIT_TOKEN\nENV PUBLIC_KEY=1',
    ['2 SecretsUsedInArgOrEnv: Do not use ARG or ENV instructions for sensitive data (ARG "GIT_TOKEN")'],
  ],
  [
    'FROM a\nEXPOSE 80/TCP 1:2',
    [
      "2 ExposeInvalidFormat: EXPOSE instruction should not define an IP address or host-port mapping, found '1:2'",
      "2 ExposeProtoCasing: Defined protocol '80/TCP' in EXPOSE instruction should be lowercase",
    ],
  ],
  ['# check=skip=all\nFROM a AS B', []],
  ['# check=skip=StageNameCasing,JSONArgsRecommended\nFROM a AS B\nCMD x', []],
  ['FROM a\n# check=skip=JSONArgsRecommended\nCMD x', []],
  [
    '# check=experimental=InvalidDefinitionDescription\n\n# something else\nFROM a AS b',
    ['4 InvalidDefinitionDescription: Comment for FROM should follow the format: `# b <description>`'],
  ],
  ['# check=experimental=all\n\n# b is the base\nFROM a AS b', []],
]

test('the build checks find what BuildKit finds, in its words', () => {
  for (const [text, expected] of cases) assert.deepEqual(found(text), expected, text)
})

test('a file that .dockerignore hides is told only when it is asked for', () => {
  const text = 'FROM a\nCOPY ./tmp/x /x'
  assert.deepEqual(found(text, ['tmp']), [])
  assert.deepEqual(found(`# check=experimental=CopyIgnoredFile\n${text}`, ['tmp']), [
    '3 CopyIgnoredFile: Attempting to Copy file "tmp/x" that is excluded by .dockerignore',
  ])
})

test('every rule has its description and its page', () => {
  assert.equal(ruleNames.length, 22)
  assert.equal(describeRule('StageNameCasing'), 'Stage names should be lowercase')
  const page = (name: string): string => `https://docs.docker.com/go/dockerfile/rule/${name}/`
  assert.equal(ruleAddress('JSONArgsRecommended'), page('json-args-recommended'))
  assert.equal(ruleAddress('SecretsUsedInArgOrEnv'), page('secrets-used-in-arg-or-env'))
})

const settings: readonly (readonly [text: string, expected: CheckSetting])[] = [
  ['', { skip: [], experimental: [], error: false }],
  [' ', { skip: [], experimental: [], error: false }],
  ['skip=all', { skip: 'all', experimental: [], error: false }],
  ['skip=A, B ;error=1', { skip: ['A', 'B'], experimental: [], error: true }],
  ['skip=ALL', { skip: ['ALL'], experimental: [], error: false }],
  ['experimental=all;error=False', { skip: [], experimental: 'all', error: false }],
  ['skip=A;error=true;experimental=B;C', { skip: ['A'], experimental: ['B;C'], error: true }],
  ['skip=', { skip: [''], experimental: [], error: false }],
]

const refusedSettings: readonly (readonly [text: string, message: string])[] = [
  ['skip', 'invalid check option "skip"'],
  ['Skip=all', 'invalid check option "Skip"'],
  ['skip=all;', 'invalid check option ""'],
  ['foo=bar', 'invalid check option "foo"'],
  ['error=yes', 'failed to parse check option "error=yes": strconv.ParseBool: parsing "yes": invalid syntax'],
]

test('a setting of the checks is read as BuildKit reads it', () => {
  for (const [text, expected] of settings) assert.deepEqual(parseCheckSetting(text), expected, text)
  for (const [text, message] of refusedSettings) assert.throws(() => parseCheckSetting(text), { message }, text)
})

test('no rule that is an experiment is skipped, and none but those is asked for', () => {
  const about = (setting: string) =>
    checkDockerfile('# foo\nFROM a AS B', parseCheckSetting(setting)).findings.map(({ rule }) => rule)
  assert.deepEqual(about('skip=all;experimental=all'), ['InvalidDefinitionDescription'])
  assert.deepEqual(about('skip=InvalidDefinitionDescription;experimental=all'), [
    'StageNameCasing',
    'InvalidDefinitionDescription',
  ])
  assert.deepEqual(about('experimental=StageNameCasing'), ['StageNameCasing'])
})
