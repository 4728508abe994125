import type { ProjectPage } from '@slipway/client'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { sizeText } from '../../format/size.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { Field } from '../../parts/field.tsx'
import { Problem } from '../../parts/problem.tsx'
import { useWords } from '../../words/words.tsx'
import { useGo } from '../ways.tsx'
import { VisibilityField } from './make-dialog.tsx'
import { parseSize } from './parse-size.ts'
import { projectVerbs } from './queries.ts'

const About = ({ page }: { readonly page: ProjectPage }) => {
  const { hub, project: words } = useWords()
  const [form, setForm] = useState({ description: page.description, visibility: page.visibility as string })
  const save = useMutation({ mutationFn: () => projectVerbs.change(page.name, form) })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    save.mutate()
  }
  return (
    <form className="sheet narrow" onSubmit={submit}>
      <h2>{words.settings}</h2>
      <Field label={hub.description}>
        <input
          maxLength={250}
          value={form.description}
          onChange={(event) => setForm({ ...form, description: event.target.value })}
        />
      </Field>
      <VisibilityField value={form.visibility} onChange={(visibility) => setForm({ ...form, visibility })} />
      <Problem error={save.error} />
      {save.isSuccess ? <p role="status">{words.saved}</p> : null}
      <button type="submit" className="button main-action" disabled={save.isPending}>
        {hub.save}
      </button>
    </form>
  )
}

const Quota = ({ page }: { readonly page: ProjectPage }) => {
  const { hub, project: words } = useWords()
  const [text, setText] = useState(page.quota === null ? '' : sizeText(page.quota))
  const bytes = text.trim() === '' ? 0 : parseSize(text)
  const save = useMutation({ mutationFn: () => projectVerbs.setQuota(page.name, bytes ?? 0) })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (bytes !== undefined) save.mutate()
  }
  return (
    <form className="sheet narrow" onSubmit={submit}>
      <h2>{words.quota}</h2>
      <Field label={words.quota} hint={words.quotaHint}>
        <input value={text} onChange={(event) => setText(event.target.value)} />
      </Field>
      <p className="quiet">{words.usedAbout}</p>
      <Problem error={bytes === undefined ? words.quotaWrong : save.error} />
      {save.isSuccess ? <p role="status">{words.saved}</p> : null}
      <button type="submit" className="button main-action" disabled={save.isPending || bytes === undefined}>
        {hub.save}
      </button>
    </form>
  )
}

/** What its owners decide; its quota, and who manages the registry does. */
export const Settings = ({ page }: { readonly page: ProjectPage }) => {
  const { project: words } = useWords()
  const [isEnding, setEnding] = useState(false)
  const go = useGo()
  return (
    <>
      <div className="sheets">
        <About page={page} />
        {page.maySetQuota ? <Quota page={page} /> : null}
      </div>
      <button type="button" className="button danger" onClick={() => setEnding(true)}>
        {words.end}…
      </button>
      <Confirm
        title={words.endTitle(page.name)}
        about={words.endAbout}
        action={words.end}
        isOpen={isEnding}
        onClose={() => setEnding(false)}
        onConfirm={async () => {
          await projectVerbs.end(page.name)
          await go({ to: '/projects' })
        }}
      />
    </>
  )
}
