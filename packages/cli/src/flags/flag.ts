/** One flag of a command: how it is written, how help shows it, and how its text becomes a value. */
export interface Flag<T> {
  /** One letter, or empty. */
  readonly short: string
  readonly help: string
  /** What help calls the value: `string`, `list`; empty for a switch. */
  readonly placeholder: string
  readonly initial: T
  /** As help shows it; empty: not shown. */
  readonly shownDefault: string
  /** Takes no value unless it is written with `=`. */
  readonly isSwitch: boolean
  readonly hidden: boolean
  /** Other names of the same flag. */
  readonly aliases: readonly string[]
  /** Takes one more occurrence in. Throws an Error with what is wrong. */
  read(text: string, before: T): T
}

export type Flags = Readonly<Record<string, Flag<unknown>>>

/** The values of a table of flags. */
export type Values<F extends Flags> = { readonly [Name in keyof F]: F[Name] extends Flag<infer T> ? T : never }

export interface Looks {
  readonly placeholder?: string
  readonly shownDefault?: string
  readonly hidden?: boolean
  readonly aliases?: readonly string[]
}

export const makeFlag = <T>(
  short: string,
  help: string,
  initial: T,
  read: (text: string, before: T) => T,
  looks: Looks & { readonly isSwitch?: boolean } = {},
): Flag<T> => ({
  short,
  help,
  initial,
  placeholder: '',
  shownDefault: '',
  isSwitch: false,
  hidden: false,
  aliases: [],
  ...looks,
  read,
})

const truths: Readonly<Record<string, boolean>> = Object.fromEntries([
  ...['1', 't', 'T', 'true', 'TRUE', 'True'].map((text) => [text, true]),
  ...['0', 'f', 'F', 'false', 'FALSE', 'False'].map((text) => [text, false]),
])

const readBoolean = (text: string): boolean => {
  const value = truths[text]
  if (value === undefined) throw new Error(`strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`)
  return value
}

export const toggle = (
  short: string,
  help: string,
  { initial = false, ...looks }: Looks & { readonly initial?: boolean } = {},
): Flag<boolean> =>
  makeFlag(short, help, initial, readBoolean, { isSwitch: true, shownDefault: initial ? 'true' : '', ...looks })

export const text = (short: string, help: string, looks: Looks = {}): Flag<string | undefined> =>
  makeFlag<string | undefined>(short, help, undefined, (value) => value, { placeholder: 'string', ...looks })

/** Repeated: each occurrence is one more. */
export const list = (short: string, help: string, looks: Looks = {}): Flag<readonly string[]> =>
  makeFlag<readonly string[]>(short, help, [], (value, before) => [...before, value], { placeholder: 'list', ...looks })

/** Repeated `name=value`; the values of one name are collected. */
export type FilterValues = Readonly<Record<string, readonly string[]>>

const addFilter = (value: string, before: FilterValues): FilterValues => {
  const equals = value.indexOf('=')
  if (equals === -1) throw new Error('bad format of filter (expected name=value)')
  const name = value.slice(0, equals).trim().toLowerCase()
  return { ...before, [name]: [...(before[name] ?? []), value.slice(equals + 1).trim()] }
}

export const filters = (help = 'Filter output based on conditions provided', short = 'f'): Flag<FilterValues> =>
  makeFlag<FilterValues>(short, help, {}, addFilter, { placeholder: 'filter' })

const readInteger = (value: string): number => {
  if (!/^[+-]?\d+$/.test(value)) throw new Error(`strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`)
  const number = Number(value)
  if (!Number.isSafeInteger(number)) {
    throw new Error(`strconv.ParseInt: parsing ${JSON.stringify(value)}: value out of range`)
  }
  return number
}

export const integer = (short: string, help: string, looks: Looks = {}): Flag<number | undefined> =>
  makeFlag<number | undefined>(short, help, undefined, readInteger, { placeholder: 'int', ...looks })
