import type { ReactNode } from 'react'

interface FieldProps {
  readonly label: string
  readonly hint?: string
  /** The input. */
  readonly children: ReactNode
}

export const Field = ({ label, hint, children }: FieldProps) => (
  // biome-ignore lint/a11y/noLabelWithoutControl: the input is the child
  <label className="field">
    <span>{label}</span>
    {children}
    {hint === undefined ? null : <small>{hint}</small>}
  </label>
)
