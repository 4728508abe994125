export type QueryValue = string | number | boolean | readonly string[] | undefined
export type Query = Readonly<Record<string, QueryValue>>

/** Filters as docker sends them: `{"status":{"running":true}}`. None: undefined, and so no parameter. */
export const encodeFilters = (filters: Readonly<Record<string, readonly string[]>> = {}): string | undefined => {
  const entries = Object.entries(filters).map(([name, values]) => [
    name,
    Object.fromEntries(values.map((value) => [value, true])),
  ])
  return entries.length === 0 ? undefined : JSON.stringify(Object.fromEntries(entries))
}

/** `?a=1&b=x`, in the order given. undefined and false are left out, true is 1, lists are repeated. */
export const encodeQuery = (query: Query = {}): string => {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === false) continue
    if (typeof value === 'object') for (const one of value) parameters.append(name, one)
    else parameters.append(name, value === true ? '1' : String(value))
  }
  const text = parameters.toString()
  return text === '' ? '' : `?${text}`
}
