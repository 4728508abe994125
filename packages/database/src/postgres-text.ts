/** A statement as PostgreSQL is told it: values are `$1`, `$2`; `name` is what it is prepared under on a connection. */
export interface Statement {
  readonly name: string
  readonly text: string
}

/** `/*postgres: FOR UPDATE*\/` is a comment for SQLite, and `FOR UPDATE` for PostgreSQL. */
const aside = /\/\*postgres: (.*?)\*\//gs

let made = 0

export const statementOf = (template: TemplateStringsArray): Statement => {
  const text = template.reduce((all, part, at) => `${all}$${at}${part}`)
  made += 1
  return { name: `slipway_${made}`, text: text.replace(aside, '$1') }
}

/**
 * A statement of a schema. Text sorts by its bytes, as in SQLite and as the protocols we speak want it: by itself PostgreSQL
 * would take the order of the language that the database was made for.
 */
export const schemaText = (statement: string): string =>
  statement.replace(aside, '$1').replace(/\bTEXT\b/g, 'TEXT COLLATE "C"')
