import { invalid } from '@slipway/core'
import { type Finding, isExperimental } from './rules.ts'

/** What `# check=` asks for. Rules are told by their names, as they are written, or `all` of them. */
export interface CheckSetting {
  readonly skip: readonly string[] | 'all'
  readonly experimental: readonly string[] | 'all'
  /** Findings fail the build. */
  readonly error: boolean
}

export const defaultSetting: CheckSetting = { skip: [], experimental: [], error: false }

const readRules = (value: string): readonly string[] | 'all' =>
  value === 'all' ? value : value.split(',').map((name) => name.trim())

const readBoolean = (value: string, part: string): boolean => {
  if (/^(?:1|t|T|TRUE|true|True)$/.test(value)) return true
  if (/^(?:0|f|F|FALSE|false|False)$/.test(value)) return false
  const why = `strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`
  throw invalid(`failed to parse check option ${JSON.stringify(part)}: ${why}`)
}

/** The parts of `a;b;c`; a fourth stays with the third, as BuildKit has it. */
const partsOf = (text: string): readonly string[] => {
  const [first = '', second, ...rest] = text.split(';')
  return [first, ...(second === undefined ? [] : [second]), ...(rest.length === 0 ? [] : [rest.join(';')])]
}

/** `skip=A,B;error=true;experimental=all`. Throws invalid. */
export const parseCheckSetting = (text: string): CheckSetting => {
  let setting = defaultSetting
  if (text.trim() === '') return setting
  for (const part of partsOf(text.trim())) {
    const equals = part.indexOf('=')
    if (equals === -1) throw invalid(`invalid check option ${JSON.stringify(part)}`)
    const name = part.slice(0, equals).trim()
    const value = part.slice(equals + 1).trim()
    if (name === 'skip' || name === 'experimental') setting = { ...setting, [name]: readRules(value) }
    else if (name === 'error') setting = { ...setting, error: readBoolean(value, part) }
    else throw invalid(`invalid check option ${JSON.stringify(name)}`)
  }
  return setting
}

const takes = (rules: readonly string[] | 'all', rule: string): boolean => rules === 'all' || rules.includes(rule)

/** True when the settings, those of the file and those of the instruction, leave the rule on. */
export const isOn = ({ rule }: Finding, ...settings: readonly CheckSetting[]): boolean =>
  isExperimental(rule)
    ? settings.some(({ experimental }) => takes(experimental, rule))
    : !settings.some(({ skip }) => takes(skip, rule))
