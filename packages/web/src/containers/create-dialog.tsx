import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useId, useState } from 'react'
import { imagesQuery, networksQuery } from '../engine/queries.ts'
import { Copyable } from '../parts/copyable.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Field } from '../parts/field.tsx'
import { FormEnd } from '../parts/form-end.tsx'
import { Problem } from '../parts/problem.tsx'
import { useWords } from '../words/words.tsx'
import { createContainer } from './create.ts'
import { type CreateForm, emptyForm, type RestartPolicy, restartPolicies, runCommand } from './create-request.ts'

interface CreateDialogProps {
  readonly image?: string
  readonly onClose: () => void
}

type TextField = Exclude<keyof CreateForm, 'restart' | 'autoRemove' | 'tty'>

const policyOf = (text: string): RestartPolicy => restartPolicies.find((policy) => policy === text) ?? 'no'

export const CreateDialog = ({ image = '', onClose }: CreateDialogProps) => {
  const words = useWords()
  const navigate = useNavigate()
  const listId = useId()
  const [form, setForm] = useState<CreateForm>({ ...emptyForm, image })
  const [isPulling, setPulling] = useState(false)
  const images = useQuery(imagesQuery).data ?? []
  const networks = useQuery(networksQuery).data ?? []
  const create = useMutation({
    mutationFn: () => createContainer(form, () => setPulling(true)),
    onSettled: () => setPulling(false),
    onSuccess: (id) => {
      onClose()
      void navigate({ to: '/containers/$id', params: { id } })
    },
  })
  const text = (name: TextField) => ({
    value: form[name],
    onChange: (event: { readonly target: { readonly value: string } }) =>
      setForm({ ...form, [name]: event.target.value }),
  })
  const check = (name: 'autoRemove' | 'tty') => ({
    checked: form[name],
    onChange: (event: { readonly target: { readonly checked: boolean } }) =>
      setForm({ ...form, [name]: event.target.checked }),
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    create.mutate()
  }
  return (
    <Dialog title={words.create.title} isOpen onClose={onClose}>
      <form onSubmit={submit}>
        <Field label={words.create.image} hint={words.create.imageHint}>
          <input required list={listId} autoComplete="off" spellCheck={false} {...text('image')} />
        </Field>
        <datalist id={listId}>
          {images.flatMap(({ RepoTags }) => (RepoTags ?? []).map((tag) => <option key={tag} value={tag} />))}
        </datalist>
        <Field label={words.create.name} hint={words.create.nameHint}>
          <input autoComplete="off" spellCheck={false} {...text('name')} />
        </Field>
        <Field label={words.create.command} hint={words.create.commandHint}>
          <input autoComplete="off" spellCheck={false} className="mono" {...text('command')} />
        </Field>
        <Field label={words.create.ports} hint={words.create.portsHint}>
          <textarea rows={2} spellCheck={false} {...text('ports')} />
        </Field>
        <Field label={words.create.environment} hint={words.create.environmentHint}>
          <textarea rows={2} spellCheck={false} {...text('environment')} />
        </Field>
        <Field label={words.create.volumes} hint={words.create.volumesHint}>
          <textarea rows={2} spellCheck={false} {...text('volumes')} />
        </Field>
        <Field label={words.create.network}>
          <select {...text('network')}>
            {['bridge', ...networks.map(({ Name }) => Name).filter((name) => name !== 'bridge')].map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </Field>
        <Field label={words.create.restart}>
          <select
            value={form.restart}
            onChange={(event) => setForm({ ...form, restart: policyOf(event.target.value) })}
          >
            {restartPolicies.map((policy) => (
              <option key={policy}>{policy}</option>
            ))}
          </select>
        </Field>
        <label className="check">
          <input type="checkbox" {...check('autoRemove')} /> {words.create.autoRemove}
        </label>
        <label className="check">
          <input type="checkbox" {...check('tty')} /> {words.create.tty}
        </label>
        <div className="field">
          <span>{words.create.same}</span>
          <Copyable text={runCommand(form)} />
        </div>
        <Problem error={create.error} />
        <FormEnd
          action={words.create.button}
          isPending={create.isPending}
          onClose={onClose}
          status={isPulling ? words.create.pulling(form.image) : ''}
        />
      </form>
    </Dialog>
  )
}
