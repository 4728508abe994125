import { invalid } from '@slipway/core'
import { type Filters, flagFilter, labelsMatch, someMatch } from '../filters.ts'
import { isPredefined, type NetworkRecord } from './records.ts'

export const networkFilters = ['dangling', 'driver', 'id', 'label', 'name', 'scope', 'type'] as const

/** docker matches names and ids by regular expression; what is none is looked for as it is. */
const matches = (pattern: string, text: string): boolean => {
  if (text.includes(pattern)) return true
  // Long patterns could be made to take very long.
  if (pattern.length > 200 || /[+*}][)]*[+*{]/.test(pattern)) return false
  try {
    return new RegExp(pattern).test(text)
  } catch {
    return false
  }
}

const danglingOf = (filters: Filters): boolean | undefined => {
  try {
    return flagFilter(filters, 'dangling')
  } catch (error) {
    throw invalid(`invalid value for filter 'dangling', must be "true" (or "1"), or "false" (or "0")`, error)
  }
}

/** The networks that all filters let through. Throws invalid for a value that a filter doesn't know. */
export const filterNetworks = (
  networks: readonly NetworkRecord[],
  filters: Filters,
  isUsed: (network: NetworkRecord) => boolean,
): readonly NetworkRecord[] => {
  const dangling = danglingOf(filters)
  for (const type of filters.get('type') ?? []) {
    if (type !== 'custom' && type !== 'builtin') throw invalid(`invalid filter: 'type'='${type.slice(0, 80)}'`)
  }
  return networks.filter((network) => {
    const builtin = isPredefined(network.name)
    return (
      someMatch(filters, 'id', (value) => matches(value, network.id)) &&
      someMatch(filters, 'name', (value) => matches(value, network.name)) &&
      someMatch(filters, 'driver', (value) => value === network.driver) &&
      someMatch(filters, 'scope', (value) => value === 'local') &&
      someMatch(filters, 'type', (value) => (value === 'builtin') === builtin) &&
      (dangling === undefined || (!builtin && !isUsed(network)) === dangling) &&
      labelsMatch(network.labels, filters.get('label') ?? [])
    )
  })
}
