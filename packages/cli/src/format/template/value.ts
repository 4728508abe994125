/** A method of a row, such as `.Label "name"`. */
export type Method = (...args: readonly unknown[]) => unknown

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Go's: everything that is zero or empty is false. */
export const isTrue = (value: unknown): boolean => {
  if (value === undefined || value === null || value === false || value === 0 || value === '') return false
  if (Array.isArray(value)) return value.length > 0
  return isRecord(value) ? Object.keys(value).length > 0 : true
}

/** Go walks maps in the order of their keys. */
export const sortedEntries = (map: Readonly<Record<string, unknown>>): readonly (readonly [string, unknown])[] =>
  Object.entries(map).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))

const printNested = (value: unknown): string => (value === null || value === undefined ? '<nil>' : printInner(value))

const printInner = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(printNested).join(' ')}]`
  if (!isRecord(value)) return String(value)
  return `map[${sortedEntries(value)
    .map(([key, one]) => `${key}:${printNested(one)}`)
    .join(' ')}]`
}

/** As Go's `%v` prints it. */
export const printValue = (value: unknown): string =>
  value === null || value === undefined ? '<no value>' : printInner(value)
