import type { HubClient } from '@slipway/client/hub/client'
import { type Command, defineCommand, exactly, none, type Session } from '../command.ts'
import { integer, text, toggle } from '../flags/flag.ts'
import { formatHelp } from '../format/format-help.ts'
import { formatRows, type Row, type RowLayout } from '../format/rows.ts'
import { hubFlags, withHub } from './connect.ts'

/** The flags of every list; `quiet`: what is displayed alone. */
export const listFlags = (quiet: string) => ({
  ...hubFlags,
  format: text('', formatHelp),
  quiet: toggle('q', `Only display ${quiet}`),
})

/** What is long comes in pages, of which no more are asked for than are shown. */
export const limitFlag = integer('', 'Max number of rows')

/** The first rows of a list. */
export const take = async <T>(
  rows: AsyncIterable<T> | readonly T[],
  limit: number | undefined,
): Promise<readonly T[]> => {
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

/** A list of the hub: what is asked for, and how it is shown. */
interface HubList<Item> extends Pick<Command<typeof hubFlags>, 'names' | 'summary'> {
  /** What it is of, where that must be named: `PROJECT`. */
  readonly operand?: string
  /** What `--quiet` displays alone: a column, and what help calls them. */
  readonly quiet: readonly [column: string, plural: string]
  /** Each with its heading, and what of an item stands there. */
  readonly columns: Readonly<Record<string, readonly [heading: string, textOf: (item: Item) => string]>>
  /** Those that the table has by itself; default: all. */
  readonly shown?: readonly string[]
  readonly list: (hub: HubClient, operand: string) => AsyncIterable<Item> | Promise<readonly Item[]>
}

/** The command that prints it. */
export const listCommand = <Item>({ operand, quiet, columns, shown, list, ...about }: HubList<Item>) => {
  const entries = Object.entries(columns)
  const headings = Object.fromEntries(entries.map(([name, [heading]]) => [name, heading]))
  const layout = layoutOf(quiet[0], headings, shown)
  const rowOf = (item: Item): Row => Object.fromEntries(entries.map(([name, [, textOf]]) => [name, textOf(item)]))
  return defineCommand({
    ...about,
    usage: operand === undefined ? '[OPTIONS]' : `[OPTIONS] ${operand}`,
    operands: operand === undefined ? none : exactly(1),
    flags: { ...listFlags(quiet[1]), limit: limitFlag },
    run: ({ flags, operands: [named = ''], session }) =>
      withHub(session, flags.server, async (hub) => {
        const found = await take(await list(hub, named), flags.limit)
        return printRows(session, layout, found.map(rowOf), flags)
      }),
  })
}
