import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { askEngine } from '../engine/calls.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Field } from '../parts/field.tsx'
import { FormEnd } from '../parts/form-end.tsx'
import { Problem } from '../parts/problem.tsx'
import { useWords } from '../words/words.tsx'

interface NewNetwork {
  readonly name: string
  readonly subnet: string
  readonly internal: boolean
}

const createNetwork = ({ name, subnet, internal }: NewNetwork): Promise<unknown> =>
  askEngine('/networks/create', {
    method: 'POST',
    json: { Name: name, Internal: internal, ...(subnet === '' ? {} : { IPAM: { Config: [{ Subnet: subnet }] } }) },
  })

export const CreateNetworkDialog = ({ onClose }: { readonly onClose: () => void }) => {
  const { networks: words } = useWords()
  const [form, setForm] = useState<NewNetwork>({ name: '', subnet: '', internal: false })
  const create = useMutation({ mutationFn: () => createNetwork(form), onSuccess: onClose })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    create.mutate()
  }
  return (
    <Dialog title={words.new} isOpen onClose={onClose}>
      <form onSubmit={submit}>
        <Field label={words.name}>
          <input required value={form.name} onChange={(event) => setForm({ ...form, name: event.target.value })} />
        </Field>
        <Field label={words.subnet} hint={words.subnetHint}>
          <input value={form.subnet} onChange={(event) => setForm({ ...form, subnet: event.target.value.trim() })} />
        </Field>
        <label className="check">
          <input
            type="checkbox"
            checked={form.internal}
            onChange={(event) => setForm({ ...form, internal: event.target.checked })}
          />
          {words.internal}
        </label>
        <Problem error={create.error} />
        <FormEnd action={words.button} isPending={create.isPending} onClose={onClose} />
      </form>
    </Dialog>
  )
}
