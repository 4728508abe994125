/** Rows as Go's tabwriter sets them: each column as wide as what is in it and `gap`, the last as it is. */
export const columns = (rows: readonly (readonly string[])[], gap: number): string => {
  const count = Math.max(...rows.map((row) => row.length))
  const widths = Array.from({ length: count }, (_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)) + gap)
  return rows
    .map((row) => `${row.map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0))).join('')}\n`)
    .join('')
}
