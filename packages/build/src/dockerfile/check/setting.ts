import { type Finding, isExperimental } from './rules.ts'

/** What `# check=` asks for. */
export interface CheckSetting {
  readonly skip: readonly string[]
  readonly experimental: readonly string[]
  /** Findings fail the build. */
  readonly error: boolean
}

export const defaultSetting: CheckSetting = { skip: [], experimental: [], error: false }

const listOf = (value: string): readonly string[] => value.split(',').map((name) => name.trim().toLowerCase())

/** `skip=A,B;error=true;experimental=all`. What can't be read is as if it weren't there. */
export const parseCheckSetting = (text: string): CheckSetting => {
  const pairs = text.split(';').map((part) => part.split('=', 2).map((word) => word.trim()))
  const given = new Map(pairs.map(([key = '', value = '']) => [key.toLowerCase(), value]))
  return {
    skip: listOf(given.get('skip') ?? ''),
    experimental: listOf(given.get('experimental') ?? ''),
    error: given.get('error')?.toLowerCase() === 'true',
  }
}

const names = (list: readonly string[], rule: string): boolean =>
  list.includes('all') || list.includes(rule.toLowerCase())

/** True when the settings, those of the file and those of the instruction, leave the rule on. */
export const isOn = ({ rule }: Finding, ...settings: readonly CheckSetting[]): boolean =>
  !settings.some(({ skip }) => names(skip, rule)) &&
  (!isExperimental(rule) || settings.some(({ experimental }) => names(experimental, rule)))
