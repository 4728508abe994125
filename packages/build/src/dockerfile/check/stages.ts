import { parseReference } from '@slipway/core'
import { expandWord } from '../expand.ts'
import { parseArguments } from '../instructions/arg.ts'
import type { Line } from '../parser.ts'
import { parsePlatform } from '../platform.ts'
import { type FileText, findStage, type StageText } from '../stages.ts'
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
  const isAgain = findStage(stages, stageName, index) !== undefined
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

/** One that a stage is named after is meant; what is none is told later. */
const isMeant = (platform: string, name = ''): boolean => {
  try {
    const { os, architecture } = parsePlatform(platform)
    return name.includes(os) || name.includes(architecture)
  } catch {
    return true
  }
}

/** Nothing but `$TARGETPLATFORM`, however it is written. */
const isTargetPlatform = (text: string, escapeChar: string): boolean => {
  const names = new Set<string>()
  const value = (name: string): string | undefined => {
    names.add(name)
    return name === 'TARGETPLATFORM' ? 'target' : undefined
  }
  return expandWord(text, value, { escape: escapeChar }) === 'target' && names.size === 1
}

const checkPlatform = ({ from: { line, platform, stageName } }: StageText): readonly Omit<Finding, 'line'>[] => {
  if (platform === undefined) return []
  if (isTargetPlatform(platform, line.escapeChar)) {
    const text = `Setting platform to predefined ${platform} in FROM is redundant as this is the default behavior`
    return [{ rule: 'RedundantTargetPlatform', text }]
  }
  if (platform.includes('$') || isMeant(platform, stageName)) return []
  const text = `FROM --platform flag should not use constant value ${JSON.stringify(platform)}`
  return [{ rule: 'FromPlatformFlagConstDisallowed', text }]
}

/** The ARGs before the first FROM, with their defaults. */
interface Defaults {
  /** undefined: declared without one. */
  readonly values: ReadonlyMap<string, string | undefined>
  /** Some of them can't be expanded, which is told where it matters. */
  readonly isBroken: boolean
}

const checkBase = ({ from }: StageText, { values, isBroken }: Defaults): readonly Omit<Finding, 'line'>[] => {
  const missing = new Set<string>()
  const value = (name: string): string | undefined => {
    if (!values.has(name) && !predefined.has(name)) missing.add(name)
    return values.get(name)
  }
  const options = { escape: from.line.escapeChar }
  if (from.platform !== undefined) expandWord(from.platform, value, options)
  const name = expandWord(from.base, value, options)
  const undeclared = [...missing].map((argument) => ({
    rule: 'UndefinedArgInFrom' as const,
    text: `FROM argument '${argument}' is not declared${didYouMean(argument, [...values.keys(), ...predefined])}`,
  }))
  const text = `Default value for ARG ${from.base} results in empty or invalid base image name`
  const isBad = !isBroken && !isReference(name)
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

const defaultsOf = (globals: readonly Line[]): Defaults => {
  const values = new Map<string, string | undefined>()
  let isBroken = false
  const expand = (text: string, escapeChar: string): string | undefined => {
    try {
      return expandWord(text, (name) => values.get(name), { escape: escapeChar })
    } catch {
      isBroken = true
      return undefined
    }
  }
  for (const line of globals) {
    for (const { name, value } of parseArguments(line)) {
      values.set(name, value === undefined ? undefined : expand(value, line.escapeChar))
    }
  }
  return { values, isBroken }
}

const checkStage = (stage: StageText, stages: readonly StageText[], defaults: Defaults) => {
  try {
    return [...checkName(stage, stages), ...checkPlatform(stage), ...checkBase(stage, defaults)]
  } catch {
    // What can't be expanded is told where the stage is looked for.
    return []
  }
}

/** What is wrong with the FROM lines. */
export const checkStages = ({ globals, stages }: FileText): readonly Finding[] => {
  const defaults = defaultsOf(globals)
  return stages.flatMap((stage) =>
    checkStage(stage, stages, defaults).map((finding) => ({ ...finding, line: stage.from.line.start })),
  )
}
