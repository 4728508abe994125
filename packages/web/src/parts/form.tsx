import type { FormEvent, ReactNode } from 'react'
import { Problem } from './problem.tsx'

interface FormProps {
  readonly title?: string
  /** What its button says. */
  readonly action: string
  /** What the button does: a mutation. */
  readonly call: { readonly mutate: () => void; readonly isPending: boolean; readonly error: unknown }
  /** The fields. */
  readonly children?: ReactNode
  /** What it has led to. */
  readonly outcome?: ReactNode
}

/** A form that is a sheet of the page: its fields, what went wrong, its button, and what came of it. */
export const Form = ({ title, action, call, children, outcome }: FormProps) => {
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    call.mutate()
  }
  return (
    <form className="sheet narrow" onSubmit={submit}>
      {title === undefined ? null : <h2>{title}</h2>}
      {children}
      <Problem error={call.error} />
      <button type="submit" className="button main-action" disabled={call.isPending}>
        {action}
      </button>
      {outcome === undefined || outcome === null ? null : <div role="status">{outcome}</div>}
    </form>
  )
}
