import { useWords } from '../words/words.tsx'

interface FormEndProps {
  readonly action: string
  readonly isPending: boolean
  readonly onClose: () => void
  /** What is being done at the moment. */
  readonly status?: string
}

/** The end of a form in a dialog: leave it, or do it. */
export const FormEnd = ({ action, isPending, onClose, status = '' }: FormEndProps) => (
  <div className="row">
    <span className="quiet" role="status">
      {status}
    </span>
    <span className="space" />
    <button type="button" className="button" onClick={onClose}>
      {useWords().app.cancel}
    </button>
    <button type="submit" className="button main-action" disabled={isPending}>
      {action}
    </button>
  </div>
)
