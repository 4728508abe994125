import type { ProjectPage } from '@slipway/client'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { sizeText } from '../../format/size.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { Form } from '../../parts/form.tsx'
import { TextField } from '../../parts/text-field.tsx'
import { useWords } from '../../words/words.tsx'
import { useGo } from '../ways.tsx'
import { VisibilityField } from './make-dialog.tsx'
import { parseSize } from './parse-size.ts'
import { projectVerbs } from './queries.ts'

const About = ({ page }: { readonly page: ProjectPage }) => {
  const { hub, project: words } = useWords()
  const [description, setDescription] = useState(page.description)
  const [visibility, setVisibility] = useState<string>(page.visibility)
  const save = useMutation({
    mutationFn: () => projectVerbs.change(page.name, { description, visibility, edition: page.edition }),
  })
  return (
    <Form title={words.settings} action={hub.save} call={save} outcome={save.isSuccess ? words.saved : null}>
      <TextField label={hub.description} value={description} onChange={setDescription} isOptional />
      <VisibilityField value={visibility} onChange={setVisibility} />
    </Form>
  )
}

const Quota = ({ page }: { readonly page: ProjectPage }) => {
  const { hub, project: words } = useWords()
  const [text, setText] = useState(page.quota === null ? '' : sizeText(page.quota))
  const save = useMutation({
    mutationFn: async () => {
      const bytes = text.trim() === '' ? 0 : parseSize(text)
      if (bytes === undefined) throw new Error(words.quotaWrong)
      await projectVerbs.setQuota(page.name, bytes)
    },
  })
  return (
    <Form title={words.quota} action={hub.save} call={save} outcome={save.isSuccess ? words.saved : null}>
      <TextField label={words.quota} hint={words.quotaHint} value={text} onChange={setText} isOptional />
      <p className="quiet">{words.usedAbout}</p>
    </Form>
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
