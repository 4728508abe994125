import { invalid } from '@slipway/core'

export type Filters = ReadonlyMap<string, readonly string[]>

/**
 * Reads `filters=`: `{"status":["exited"]}` or, the older way, `{"status":{"exited":true}}`. Throws invalid for a name that
 * isn't one of `known`, in docker's words; without `known` every name goes.
 */
export const parseFilters = (text: string | null, known: readonly string[] | undefined): Filters => {
  if (!text) return new Map()
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (cause) {
    throw invalid('invalid filter', cause)
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw invalid('invalid filter')
  return new Map(
    Object.entries(parsed).map(([name, values]) => {
      if (known?.includes(name) === false) throw invalid(`invalid filter '${name.slice(0, 80)}'`)
      if (typeof values !== 'object' || values === null) throw invalid('invalid filter')
      const isList = Array.isArray(values)
      if (!isList && !Object.values(values).every((value) => typeof value === 'boolean'))
        throw invalid('invalid filter')
      const list: unknown[] = isList ? values : Object.keys(values)
      if (!list.every((value) => typeof value === 'string')) throw invalid('invalid filter')
      return [name, list] as const
    }),
  )
}

/** `label=key` or `label=key=value`: every one must hold. */
export const labelsMatch = (labels: Readonly<Record<string, string>>, wanted: readonly string[]): boolean =>
  wanted.every((text) => {
    const at = text.indexOf('=')
    return at === -1 ? text in labels : labels[text.slice(0, at)] === text.slice(at + 1)
  })

/** A filter of which one value must hold; not given, all hold. */
export const someMatch = (filters: Filters, name: string, test: (value: string) => boolean): boolean =>
  filters.get(name)?.some(test) ?? true

/** A filter that is a switch: undefined where it isn't given. Throws invalid in docker's words. */
export const flagFilter = (filters: Filters, name: string): boolean | undefined => {
  const values = filters.get(name) ?? []
  if (values.length === 0) return undefined
  const isTrue = values.some((value) => /^(1|true|t)$/i.test(value))
  const isFalse = values.some((value) => /^(0|false|f)$/i.test(value))
  if (isTrue === isFalse) throw invalid(`invalid filter '${name}=[${values.join(' ').slice(0, 80)}]'`)
  return isTrue
}
