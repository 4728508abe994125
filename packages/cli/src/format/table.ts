/** Go's tabwriter as docker sets it up: a column is as wide as its longest cell and three, and ten at least. */
const narrowestColumn = 10
const gap = 3

const widthOf = (cell: string): number => [...cell].length

/** Aligns lines of cells divided by tabs. The last cell of a line ends it, and has no say in the width of its column. */
export const alignTabs = (lines: readonly string[], narrowest = narrowestColumn): string => {
  const rows = lines.map((line) => line.split('\t'))
  const widths: number[] = []
  for (const row of rows) {
    for (const [column, cell] of row.slice(0, -1).entries()) {
      widths[column] = Math.max(widths[column] ?? narrowest, widthOf(cell) + gap)
    }
  }
  const pad = (cell: string, column: number): string => cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell))
  return rows.map((row) => `${row.slice(0, -1).map(pad).join('')}${row.at(-1) ?? ''}\n`).join('')
}
