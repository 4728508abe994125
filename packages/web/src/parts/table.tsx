import type { ReactNode } from 'react'

/** The head of a column. */
export interface Column {
  readonly name: string
  /** To the right, digits below digits. */
  readonly isNumber?: true
  /** Buttons need no word above them, but for who can't see them. */
  readonly isHidden?: true
  /** Left out where there is less, with the cells below it, which carry the class: what a row leads to tells it, too. */
  readonly room?: Room
}

/** What a page must have for it: more than a phone's, or the width of a large screen. */
export type Room = 'some-room' | 'much-room'

interface TableProps {
  readonly columns: readonly Column[]
  /** The rows. */
  readonly children: ReactNode
}

export const Table = ({ columns, children }: TableProps) => (
  <div className="table-scroll">
    <table>
      <thead>
        <tr>
          {columns.map(({ name, isNumber, isHidden, room }) =>
            isHidden ? (
              <th key={name} aria-label={name} />
            ) : (
              <th key={name} className={[isNumber && 'number', room].filter(Boolean).join(' ')}>
                {name}
              </th>
            ),
          )}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  </div>
)
