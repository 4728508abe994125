import { useMutation } from '@tanstack/react-query'
import { AlertDialog } from 'radix-ui'
import { useWords } from '../words/words.tsx'
import { Problem } from './problem.tsx'

interface ConfirmProps {
  readonly title: string
  readonly about: string
  readonly action: string
  readonly isOpen: boolean
  readonly onClose: () => void
  /** What can't be undone. It closes when that is done, and stays with the words of a refusal. */
  readonly onConfirm: () => Promise<unknown>
}

/** Asks before something is lost. */
export const Confirm = ({ title, about, action, isOpen, onClose, onConfirm }: ConfirmProps) => {
  const { app } = useWords()
  const confirm = useMutation({ mutationFn: onConfirm, onSuccess: onClose })
  const close = (): void => {
    confirm.reset()
    onClose()
  }
  return (
    <AlertDialog.Root open={isOpen} onOpenChange={(open) => open || close()}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="veil" />
        <AlertDialog.Content className="dialog">
          <AlertDialog.Title asChild>
            <h2>{title}</h2>
          </AlertDialog.Title>
          <AlertDialog.Description>{about}</AlertDialog.Description>
          <Problem error={confirm.error} />
          <div className="row">
            <span className="space" />
            <AlertDialog.Cancel className="button">{app.cancel}</AlertDialog.Cancel>
            <button
              type="button"
              className="button danger"
              disabled={confirm.isPending}
              onClick={() => confirm.mutate()}
            >
              {action}
            </button>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}
