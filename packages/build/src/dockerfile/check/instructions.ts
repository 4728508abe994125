import { posix } from 'node:path'
import { type IgnoreMatcher, isIgnored } from '@slipway/core'
import { parseArguments } from '../instructions/arg.ts'
import { parseKeyValues } from '../instructions/key-values.ts'
import { parseJsonForm } from '../json-form.ts'
import type { Line } from '../parser.ts'
import type { StageText } from '../stages.ts'
import { splitFields, splitWords } from '../words.ts'
import type { Finding } from './rules.ts'

type Check = (line: Line, stage: StageText, ignore: IgnoreMatcher) => readonly Omit<Finding, 'line'>[]

const secretWords = [
  'apikey',
  'auth',
  'credential',
  'credentials',
  'key',
  'password',
  'pword',
  'passwd',
  'secret',
  'token',
]
const secretName = new RegExp(`(?:_|^)(?:${secretWords.join('|')})(?:_|$)`, 'i')
/** `PUBLIC_KEY` is no secret. */
const publicName = /(?:_|^)public(?:_|$)/i

const checkSecrets = (line: Line, names: readonly string[]) =>
  names
    .filter((name) => secretName.test(name) && !publicName.test(name))
    .map((name) => ({
      rule: 'SecretsUsedInArgOrEnv' as const,
      text: `Do not use ARG or ENV instructions for sensitive data (${line.name} ${JSON.stringify(name)})`,
    }))

const checkKeyValues = (line: Line) =>
  splitWords(line.text, line.escapeChar)[0]?.includes('=')
    ? []
    : [
        {
          rule: 'LegacyKeyValueFormat' as const,
          text: `"${line.name} key=value" should be used instead of legacy "${line.name} key value" format`,
        },
      ]

interface Places {
  readonly first: ReadonlyMap<string, number>
  readonly last: ReadonlyMap<string, number>
}

const places = new WeakMap<StageText, Places>()

/** The lines where each instruction is first and last in a stage: looked for once, not for every one of them. */
const placesIn = (stage: StageText): Places => {
  const known = places.get(stage)
  if (known !== undefined) return known
  const lines = stage.commands.map(({ line }) => [line.name, line.start] as const)
  const found = { first: new Map([...lines].reverse()), last: new Map(lines) }
  places.set(stage, found)
  return found
}

const checkShellForm: Check = (line, stage) => {
  const hasShell = (placesIn(stage).first.get('SHELL') ?? line.start) < line.start
  if (hasShell || parseJsonForm(line.text) !== undefined) return []
  const text = `JSON arguments recommended for ${line.name} to prevent unintended behavior related to OS signals`
  return [{ rule: 'JSONArgsRecommended', text }]
}

/** The last one counts; all before it are told. */
const checkOnlyOne: Check = (line, stage) =>
  (placesIn(stage).last.get(line.name) ?? 0) > line.start
    ? [
        {
          rule: 'MultipleInstructionsDisallowed',
          text: `Multiple ${line.name} instructions should not be used in the same stage because only the last one will be used`,
        },
      ]
    : []

const checkExpose: Check = (line) =>
  splitFields(line.text).flatMap((port) => {
    const [address = '', protocol = ''] = port.split('/', 2)
    const mapping = {
      rule: 'ExposeInvalidFormat' as const,
      text: `EXPOSE instruction should not define an IP address or host-port mapping, found '${port}'`,
    }
    const casing = {
      rule: 'ExposeProtoCasing' as const,
      text: `Defined protocol '${port}' in EXPOSE instruction should be lowercase`,
    }
    const isVariable = port.includes('$')
    return [
      ...(address.includes(':') && !isVariable ? [mapping] : []),
      ...(protocol !== protocol.toLowerCase() && !isVariable ? [casing] : []),
    ]
  })

const checkIgnored: Check = (line, _stage, ignore) => {
  if (line.flags.some((flag) => flag.startsWith('--from='))) return []
  const verb = line.name === 'ADD' ? 'Add' : 'Copy'
  const paths = (parseJsonForm(line.text) ?? splitFields(line.text)).slice(0, -1)
  return paths
    .filter((path) => !/^(?:<<|[a-z]+:\/\/|git@)/i.test(path) && !/[*?[$]/.test(path))
    .filter((path) => {
      const relative = posix.resolve('/', path).slice(1)
      return relative !== '' && isIgnored(ignore, relative)
    })
    .map((path) => ({
      rule: 'CopyIgnoredFile',
      text: `Attempting to ${verb} file ${JSON.stringify(path)} that is excluded by .dockerignore`,
    }))
}

/** What is looked at in each instruction. */
export const instructionChecks: Readonly<Record<string, readonly Check[]>> = {
  ADD: [checkIgnored],
  ARG: [
    (line) =>
      checkSecrets(
        line,
        parseArguments(line).map(({ name }) => name),
      ),
  ],
  CMD: [checkShellForm, checkOnlyOne],
  COPY: [checkIgnored],
  ENTRYPOINT: [checkShellForm, checkOnlyOne],
  ENV: [
    checkKeyValues,
    (line) =>
      checkSecrets(
        line,
        parseKeyValues(line).map(({ key }) => key),
      ),
  ],
  EXPOSE: [checkExpose],
  HEALTHCHECK: [checkOnlyOne],
  LABEL: [checkKeyValues],
  MAINTAINER: [
    () => [{ rule: 'MaintainerDeprecated', text: 'Maintainer instruction is deprecated in favor of using label' }],
  ],
}
