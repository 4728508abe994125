import type { Session } from '../command.ts'
import { integer, text, toggle } from '../flags/flag.ts'
import { formatHelp } from '../format/format-help.ts'
import { formatRows, type Row, type RowLayout } from '../format/rows.ts'
import { hubFlags } from './connect.ts'

/** The flags of every list; `quiet`: what is displayed alone. */
export const listFlags = (quiet: string) => ({
  ...hubFlags,
  format: text('', formatHelp),
  quiet: toggle('q', `Only display ${quiet}`),
})

/** For lists that may be long: they come in pages, of which no more are asked for than are shown. */
export const limitFlag = integer('', 'Max number of rows')

/** The first rows of a list. */
export const take = async <T>(rows: AsyncIterable<T>, limit: number | undefined): Promise<readonly T[]> => {
  const taken: T[] = []
  if (limit !== undefined && limit < 1) return taken
  for await (const row of rows) {
    taken.push(row)
    if (taken.length === limit) break
  }
  return taken
}

export const printRows = (
  { console }: Session,
  layout: RowLayout,
  rows: readonly Row[],
  flags: { readonly format: string | undefined; readonly quiet: boolean },
): number => {
  console.stdout.write(formatRows(layout, rows, flags))
  return 0
}

/** A layout whose rows are our own kind: docker has no name for them. */
export const layoutOf = (
  quiet: string,
  headings: Readonly<Record<string, string>>,
  columns: readonly string[] = Object.keys(headings),
): RowLayout => ({
  table: columns.map((name) => `{{.${name}}}`).join('\t'),
  quiet: `{{.${quiet}}}`,
  type: '*hub.rowContext',
  headings,
})
