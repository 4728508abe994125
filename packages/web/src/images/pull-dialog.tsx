import type { ProgressMessage } from '@slipway/client'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { Dialog } from '../parts/dialog.tsx'
import { Field } from '../parts/field.tsx'
import { FormEnd } from '../parts/form-end.tsx'
import { Meter } from '../parts/meter.tsx'
import { Problem } from '../parts/problem.tsx'
import { useWords } from '../words/words.tsx'
import { pullImage } from './pull.ts'

/** The newest message of each layer, and of the pull itself. */
type Progress = ReadonlyMap<string, ProgressMessage>

const LayerProgress = ({ message }: { readonly message: ProgressMessage }) => {
  const { current = 0, total = 0 } = message.progressDetail ?? {}
  return (
    <div>
      <code>{message.id}</code> <span className="quiet">{message.status}</span>
      {total > 0 ? <Meter part={current / total} /> : null}
    </div>
  )
}

export const PullDialog = ({ onClose }: { readonly onClose: () => void }) => {
  const words = useWords()
  const [name, setName] = useState('')
  const [progress, setProgress] = useState<Progress>(new Map())
  const pull = useMutation({
    mutationFn: () =>
      pullImage(name.trim(), (message) =>
        setProgress((before) => new Map(before).set(message.id ?? message.status ?? '', message)),
      ),
    onMutate: () => setProgress(new Map()),
    onSuccess: onClose,
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    pull.mutate()
  }
  return (
    <Dialog title={words.images.pullTitle} isOpen onClose={onClose}>
      <form onSubmit={submit}>
        <Field label={words.images.pullLabel} hint={words.create.imageHint}>
          <input
            required
            autoComplete="off"
            spellCheck={false}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        </Field>
        <div role="status">
          {[...progress].map(([key, message]) => (
            <LayerProgress key={key} message={message} />
          ))}
        </div>
        <Problem error={pull.error} />
        <FormEnd action={words.images.pull} isPending={pull.isPending} onClose={onClose} />
      </form>
    </Dialog>
  )
}
