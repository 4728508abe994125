/** One line of comma-separated values, as Go's csv reads it: a field in quotes may hold commas, and `""` is a quote. */
export const splitFields = (line: string): readonly string[] => {
  const fields: string[] = []
  let rest = line
  for (;;) {
    const [whole = '', quoted, plain] = /^(?:"((?:[^"]|"")*)"|([^",]*))(?=,|$)/.exec(rest) ?? []
    if (quoted === undefined && plain === undefined)
      throw new Error(`parse error on line 1: bare " in ${JSON.stringify(line)}`)
    fields.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'))
    if (whole.length === rest.length) return fields
    rest = rest.slice(whole.length + 1)
  }
}

/** `key=value`; undefined: there is no `=`. */
export const splitPair = (field: string): readonly [key: string, value: string] | undefined => {
  const equals = field.indexOf('=')
  return equals === -1 ? undefined : [field.slice(0, equals).toLowerCase().trim(), field.slice(equals + 1)]
}
