import type { Filters } from '@slipway/client'
import { Exit } from '../exit.ts'

/** `name=value` pairs by their names. Throws Exit. */
export const readFilters = (values: readonly string[]): Filters => {
  const filters: Record<string, string[]> = {}
  for (const value of values) {
    const equals = value.indexOf('=')
    if (equals === -1)
      throw new Exit(
        125,
        `invalid argument "${value}" for "-f, --filter" flag: invalid filter '${value}': must be in key=value format`,
      )
    const name = value.slice(0, equals).trim().toLowerCase()
    filters[name] = [...(filters[name] ?? []), value.slice(equals + 1).trim()]
  }
  return filters
}
