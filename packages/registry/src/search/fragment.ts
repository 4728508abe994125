import type { Sql, SqlValue } from '@slipway/core'

/** A piece of SQL with the values that are bound in it. */
export interface Fragment {
  /** One more than there are values. */
  readonly texts: readonly string[]
  readonly values: readonly SqlValue[]
}

const isFragment = (value: SqlValue | Fragment): value is Fragment =>
  typeof value === 'object' && value !== null && 'texts' in value

/** `` part`name > ${after} AND ${matches}` ``: values are bound, fragments are put in. */
export const part = (strings: TemplateStringsArray, ...values: readonly (SqlValue | Fragment)[]): Fragment => {
  const texts = [strings[0] ?? '']
  const bound: SqlValue[] = []
  for (const [at, value] of values.entries()) {
    const behind = strings[at + 1] ?? ''
    if (isFragment(value)) {
      texts.push(`${texts.pop()}${value.texts[0]}`, ...value.texts.slice(1))
      texts.push(`${texts.pop()}${behind}`)
      bound.push(...value.values)
    } else {
      texts.push(behind)
      bound.push(value)
    }
  }
  return { texts, values: bound }
}

/** By their text: a database prepares each once. */
const templates = new Map<string, TemplateStringsArray>()

/** Runs a whole statement. There are as many different texts as ways to put our own pieces together: no value is in one. */
export const runFragment = <Row extends object>(sql: Sql, { texts, values }: Fragment): Promise<readonly Row[]> => {
  const key = texts.join('?')
  const template = templates.get(key) ?? Object.assign([...texts], { raw: [...texts] })
  templates.set(key, template)
  return sql<Row>(template, ...values)
}
