import type { RepositoryPage } from '@slipway/client'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import Markdown from 'react-markdown'
import remarkGfm from 'remark-gfm'
import { CallError } from '../calls/ask.ts'
import { Field } from '../parts/field.tsx'
import { FormEnd } from '../parts/form-end.tsx'
import { Problem } from '../parts/problem.tsx'
import { useWords } from '../words/words.tsx'
import { verbs } from './queries.ts'

const Editor = ({ page, onClose }: { readonly page: RepositoryPage; readonly onClose: () => void }) => {
  const { hub: words } = useWords()
  const [description, setDescription] = useState(page.description)
  const [readme, setReadme] = useState(page.readme)
  // The edition that was there when the writing began: a newer one must not be written over.
  const [{ edition }] = useState(page)
  const save = useMutation({
    mutationFn: () => verbs.edit(page.name, { description, readme, edition }),
    onSuccess: onClose,
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    save.mutate()
  }
  const isConflict = save.error instanceof CallError && save.error.status === 409
  return (
    <form className="sheet stack" onSubmit={submit}>
      <Field label={words.description}>
        <input maxLength={250} value={description} onChange={(event) => setDescription(event.target.value)} />
      </Field>
      <Field label={words.readme}>
        <textarea rows={16} value={readme} onChange={(event) => setReadme(event.target.value)} />
      </Field>
      <Problem error={isConflict ? words.conflict : save.error} />
      <FormEnd action={words.save} isPending={save.isPending} onClose={onClose} />
    </form>
  )
}

/** What people wrote about a repository. Markdown becomes elements, never markup: what looks like HTML in it is text. */
export const About = ({ page }: { readonly page: RepositoryPage }) => {
  const { hub: words } = useWords()
  const [isEditing, setEditing] = useState(false)
  if (isEditing) return <Editor page={page} onClose={() => setEditing(false)} />
  return (
    <section className="sheet readme">
      {page.mayPush ? (
        <div className="row">
          <span className="space" />
          <button type="button" className="button small" onClick={() => setEditing(true)}>
            {words.edit}
          </button>
        </div>
      ) : null}
      {page.readme === '' ? (
        <p className="quiet">{words.noReadme}</p>
      ) : (
        <Markdown remarkPlugins={[remarkGfm]}>{page.readme}</Markdown>
      )}
    </section>
  )
}
