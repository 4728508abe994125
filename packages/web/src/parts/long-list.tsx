import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { type Column, Table } from './table.tsx'

/** Pages that end a screen before the list does are fetched by then. */
const ahead = 20

/** What a row must carry, so that its height is known. */
export interface RowMark {
  readonly ref: (element: Element | null) => void
  readonly 'data-index': number
}

interface Long<T> {
  readonly rows: readonly T[]
  readonly keyOf: (row: T) => string | number
  /** How high a row is before it was seen, in pixels. */
  readonly height: number
  /** Between two rows, in pixels. */
  readonly gap?: number
  readonly hasMore: boolean
  /** Fetches the page that follows. */
  readonly onMore?: () => void
}

/** Only the rows that are seen are in the page, and what is fetched is what somebody scrolls to. */
const useLong = <T,>({ rows, keyOf, height, gap = 0, hasMore, onMore }: Long<T>) => {
  const place = useRef<HTMLDivElement>(null)
  const [scrollMargin, setMargin] = useState(0)
  useEffect(() => {
    const { top = 0 } = place.current?.getBoundingClientRect() ?? {}
    setMargin(top + window.scrollY)
  }, [])
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => height,
    getItemKey: (index) => {
      const row = rows[index]
      return row === undefined ? index : keyOf(row)
    },
    overscan: ahead,
    gap,
    scrollMargin,
  })
  const items = virtual.getVirtualItems()
  const end = items.at(-1)?.index ?? -1
  useEffect(() => {
    if (hasMore && end >= rows.length - ahead) onMore?.()
  }, [hasMore, end, rows.length, onMore])
  const before = (items[0]?.start ?? scrollMargin) - scrollMargin
  const after = virtual.getTotalSize() - ((items.at(-1)?.end ?? scrollMargin) - scrollMargin)
  const shown = items.flatMap(({ index }) => {
    const row = rows[index]
    return row === undefined ? [] : [{ row, mark: { ref: virtual.measureElement, 'data-index': index } }]
  })
  return { place, shown, before, after }
}

interface LongTableProps<T> extends Long<T> {
  readonly columns: readonly Column[]
  /** One `<tr>`, which carries its mark. */
  readonly children: (row: T, mark: RowMark) => ReactNode
}

const Gap = ({ height, columns }: { readonly height: number; readonly columns: number }) =>
  height > 0 ? (
    <tr>
      <td colSpan={columns} style={{ height, padding: 0, border: 0 }} />
    </tr>
  ) : null

/** A table of as many rows as there are. */
export const LongTable = <T,>({ columns, children, ...long }: LongTableProps<T>) => {
  const { place, shown, before, after } = useLong(long)
  return (
    <div ref={place}>
      <Table columns={columns}>
        <Gap height={before} columns={columns.length} />
        {shown.map(({ row, mark }) => children(row, mark))}
        <Gap height={after} columns={columns.length} />
      </Table>
    </div>
  )
}

interface LongListProps<T> extends Long<T> {
  readonly className: string
  /** One `<li>`, which carries its mark. */
  readonly children: (row: T, mark: RowMark) => ReactNode
}

/** A list, one below the other. */
export const LongList = <T,>({ className, children, ...long }: LongListProps<T>) => {
  const { place, shown, before, after } = useLong(long)
  return (
    <div ref={place}>
      <ul className={className} style={{ paddingTop: before, paddingBottom: after }}>
        {shown.map(({ row, mark }) => children(row, mark))}
      </ul>
    </div>
  )
}
