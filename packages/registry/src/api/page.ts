/** Rows of a list that comes in pages. */
export const pageSize = 100

/**
 * The page that was asked for, of rows that were looked for one more than fit (`pageSize + 1`), and what to send back for the
 * next: null where there is none.
 */
export const pageFrom = <Row>(
  found: readonly Row[],
  cursorOf: (row: Row) => string,
): { readonly rows: readonly Row[]; readonly next: string | null } => {
  const rows = found.slice(0, pageSize)
  const last = rows.at(-1)
  return { rows, next: found.length > pageSize && last !== undefined ? cursorOf(last) : null }
}
