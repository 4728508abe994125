import type { ReactNode } from 'react'
import { Copyable } from './copyable.tsx'

interface EmptyProps {
  readonly title: string
  readonly about?: string
  /** What brings the first one, as a command. */
  readonly command?: string
  readonly children?: ReactNode
}

/** A list without rows says what to do next. */
export const Empty = ({ title, about, command, children }: EmptyProps) => (
  <div className="sheet empty">
    <h2>{title}</h2>
    {about === undefined ? null : <p className="quiet">{about}</p>}
    {command === undefined ? null : <Copyable text={command} />}
    {children}
  </div>
)
