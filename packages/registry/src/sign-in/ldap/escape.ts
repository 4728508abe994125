const hex = (byte: number): string => byte.toString(16).padStart(2, '0')

/** A text within a filter, where it means nothing but itself (RFC 4515, section 3). */
export const escapeForFilter = (text: string): string =>
  text.replace(/[\\*()\0]/g, (letter) => `\\${hex(letter.charCodeAt(0))}`)

/** A text as a value of a distinguished name (RFC 4514, section 2.4). */
export const escapeForName = (text: string): string =>
  text
    .replace(/[\\",+;<>=\0]/g, (letter) => `\\${hex(letter.charCodeAt(0))}`)
    .replace(/^[# ]| $/g, (letter) => `\\${hex(letter.charCodeAt(0))}`)

/** `{user}` and `{dn}` of a template. What a person typed is put in once: there is no second pass over it. */
export const fill = (template: string, values: Readonly<Record<string, string>>, quote: (text: string) => string) =>
  template.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name]
    return value === undefined ? whole : quote(value)
  })
