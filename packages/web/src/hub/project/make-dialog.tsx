import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { Dialog } from '../../parts/dialog.tsx'
import { Field } from '../../parts/field.tsx'
import { FormEnd } from '../../parts/form-end.tsx'
import { Problem } from '../../parts/problem.tsx'
import { useWords } from '../../words/words.tsx'
import { useGo } from '../ways.tsx'
import { projectVerbs } from './queries.ts'

interface VisibilityProps {
  readonly value: string
  readonly onChange: (visibility: string) => void
}

export const VisibilityField = ({ value, onChange }: VisibilityProps) => {
  const { hub, project: words } = useWords()
  return (
    <Field label={words.visibility} hint={words.visibilityHint}>
      <select value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="private">{hub.private}</option>
        <option value="public">{hub.public}</option>
      </select>
    </Field>
  )
}

/** A new project, which is shown when it is made. */
export const MakeDialog = ({ onClose }: { readonly onClose: () => void }) => {
  const { hub, project: words } = useWords()
  const go = useGo()
  const [form, setForm] = useState({ name: '', description: '', visibility: 'private' })
  const make = useMutation({
    mutationFn: () => projectVerbs.make(form),
    onSuccess: () => go({ to: `/projects/${form.name}` }),
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    make.mutate()
  }
  return (
    <Dialog title={words.newProject} isOpen onClose={onClose}>
      <form onSubmit={submit}>
        <Field label={hub.name} hint={words.nameHint}>
          <input
            required
            className="mono"
            value={form.name}
            onChange={(event) => setForm({ ...form, name: event.target.value })}
          />
        </Field>
        <Field label={hub.description}>
          <input
            maxLength={250}
            value={form.description}
            onChange={(event) => setForm({ ...form, description: event.target.value })}
          />
        </Field>
        <VisibilityField value={form.visibility} onChange={(visibility) => setForm({ ...form, visibility })} />
        <Problem error={make.error} />
        <FormEnd action={hub.create} isPending={make.isPending} onClose={onClose} />
      </form>
    </Dialog>
  )
}
