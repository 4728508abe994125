import { parseReference } from '@slipway/core'
import { expandWord } from '../expand.ts'
import { parseArguments } from '../instructions/arg.ts'
import type { Line } from '../parser.ts'
import type { FileText, StageText } from '../stages.ts'
import { didYouMean } from '../suggest.ts'
import { splitFields } from '../words.ts'
import type { Finding } from './rules.ts'

const reserved = ['scratch', 'context']
const platformNames = ['BUILD', 'TARGET'].flatMap((prefix) =>
  ['PLATFORM', 'OS', 'OSVERSION', 'ARCH', 'VARIANT'].map((name) => prefix + name),
)
const predefined = new Set([...platformNames, 'TARGETSTAGE'])
const isUpper = (text: string): boolean => text === text.toUpperCase()
const isLower = (text: string): boolean => text === text.toLowerCase()

const checkName = ({ from, index }: StageText, stages: readonly StageText[]): readonly Omit<Finding, 'line'>[] => {
  const [, as, name] = splitFields(from.line.text)
  const { stageName, line } = from
  if (name === undefined || as === undefined || stageName === undefined) return []
  const isAgain = stages.some((stage) => stage.index < index && stage.from.stageName === stageName)
  const isMixed = !isUpper(line.typed) && !isLower(line.typed)
  const sameCase = isMixed || (isUpper(as) && isUpper(line.typed)) || (isLower(as) && isLower(line.typed))
  return [
    ...(isLower(name) ? [] : [{ rule: 'StageNameCasing' as const, text: `Stage name '${name}' should be lowercase` }]),
    ...(sameCase
      ? []
      : [{ rule: 'FromAsCasing' as const, text: `'${as}' and '${line.typed}' keywords' casing do not match` }]),
    ...(isAgain
      ? [
          {
            rule: 'DuplicateStageName' as const,
            text: `Duplicate stage name ${JSON.stringify(stageName)}, stage names should be unique`,
          },
        ]
      : []),
    ...(reserved.includes(stageName)
      ? [
          {
            rule: 'ReservedStageName' as const,
            text: `Stage name should not use the same name as reserved stage ${JSON.stringify(stageName)}`,
          },
        ]
      : []),
  ]
}

/** One that a stage is named after is meant. */
const isNamedAfter = (name: string | undefined, platform: string): boolean =>
  platform.split('/').some((part) => part !== '' && name?.includes(part) === true)

const checkPlatform = ({ from: { platform, stageName } }: StageText): readonly Omit<Finding, 'line'>[] => {
  if (platform === undefined) return []
  if (/^\$(?:TARGETPLATFORM|\{TARGETPLATFORM\})$/.test(platform)) {
    const text = `Setting platform to predefined ${platform} in FROM is redundant as this is the default behavior`
    return [{ rule: 'RedundantTargetPlatform', text }]
  }
  if (platform.includes('$') || isNamedAfter(stageName, platform)) return []
  const text = `FROM --platform flag should not use constant value ${JSON.stringify(platform)}`
  return [{ rule: 'FromPlatformFlagConstDisallowed', text }]
}

/** `defaults` are the values of the ARGs before the first FROM; undefined: declared without one. */
const checkBase = (
  { from }: StageText,
  defaults: ReadonlyMap<string, string | undefined>,
): readonly Omit<Finding, 'line'>[] => {
  const missing = new Set<string>()
  const value = (name: string): string | undefined => {
    if (!defaults.has(name) && !predefined.has(name)) missing.add(name)
    return defaults.get(name)
  }
  const options = { escape: from.line.escapeChar }
  if (from.platform !== undefined) expandWord(from.platform, value, options)
  const name = expandWord(from.base, value, options)
  const undeclared = [...missing].map((argument) => ({
    rule: 'UndefinedArgInFrom' as const,
    text: `FROM argument '${argument}' is not declared${didYouMean(argument, [...defaults.keys(), ...predefined])}`,
  }))
  const isBad = from.base.includes('$') && !isReference(name)
  const text = `Default value for ARG ${from.base} results in empty or invalid base image name`
  return [...undeclared, ...(isBad ? [{ rule: 'InvalidDefaultArgInFrom' as const, text }] : [])]
}

const isReference = (name: string): boolean => {
  try {
    parseReference(name)
    return true
  } catch {
    return false
  }
}

const defaultsOf = (globals: readonly Line[]): ReadonlyMap<string, string | undefined> => {
  const values = new Map<string, string | undefined>()
  for (const line of globals) {
    for (const { name, value } of parseArguments(line)) {
      const expanded = value === undefined ? undefined : expandWord(value, (other) => values.get(other))
      values.set(name, expanded)
    }
  }
  return values
}

/** What is wrong with the FROM lines. */
export const checkStages = ({ globals, stages }: FileText): readonly Finding[] => {
  const defaults = defaultsOf(globals)
  return stages.flatMap((stage) =>
    [...checkName(stage, stages), ...checkPlatform(stage), ...checkBase(stage, defaults)].map((finding) => ({
      ...finding,
      line: stage.from.line.start,
    })),
  )
}
