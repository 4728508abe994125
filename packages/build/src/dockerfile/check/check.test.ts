// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is about such text
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkDockerfile } from './check.ts'
import { describeRule, ruleAddress, ruleNames } from './rules.ts'

const found = (text: string, ignore: readonly string[] = []): readonly string[] =>
  checkDockerfile(text, ignore).findings.map(({ rule, text: what, line }) => `${line} ${rule}: ${what}`)

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
      "2 ExposeProtoCasing: Defined protocol '80/TCP' in EXPOSE instruction should be lowercase",
      "2 ExposeInvalidFormat: EXPOSE instruction should not define an IP address or host-port mapping, found '1:2'",
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
    '3 CopyIgnoredFile: Attempting to Copy file "./tmp/x" that is excluded by .dockerignore',
  ])
})

test('every rule has its description and its page', () => {
  assert.equal(ruleNames.length, 22)
  assert.equal(describeRule('StageNameCasing'), 'Stage names should be lowercase')
  const page = (name: string): string => `https://docs.docker.com/go/dockerfile/rule/${name}/`
  assert.equal(ruleAddress('JSONArgsRecommended'), page('json-args-recommended'))
  assert.equal(ruleAddress('SecretsUsedInArgOrEnv'), page('secrets-used-in-arg-or-env'))
  assert.equal(checkDockerfile('# check=error=true\nFROM a').isError, true)
})
