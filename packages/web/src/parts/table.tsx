import type { ReactNode } from 'react'

/** The head of a column. */
export interface Column {
  readonly name: string
  /** To the right, digits below digits. */
  readonly isNumber?: true
  /** Buttons need no word above them, but for who can't see them. */
  readonly isHidden?: true
  /** Left out on a phone, with the cells below it, which carry the class: what a row leads to has it, too. */
  readonly isSpare?: true
}

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
          {columns.map(({ name, isNumber, isHidden, isSpare }) =>
            isHidden ? (
              <th key={name} aria-label={name} />
            ) : (
              <th key={name} className={[isNumber && 'number', isSpare && 'spare'].filter(Boolean).join(' ')}>
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
