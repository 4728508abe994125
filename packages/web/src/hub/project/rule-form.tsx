import type { ProjectRule } from '@slipway/client'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { Field } from '../../parts/field.tsx'
import { Problem } from '../../parts/problem.tsx'
import { useWords } from '../../words/words.tsx'
import { type NewRule, projectVerbs } from './queries.ts'

interface RuleFormProps {
  readonly project: string
  /** Shows what a retention rule would do, before it is one. */
  readonly onPreview: (rule: NewRule) => void
}

const numberOf = (text: string): number | undefined => (text.trim() === '' ? undefined : Number(text))

export const RuleForm = ({ project, onPreview }: RuleFormProps) => {
  const { hub, project: words } = useWords()
  const [kind, setKind] = useState<ProjectRule['kind']>('immutable')
  const [form, setForm] = useState({ repositories: '*', tags: 'v*', keepLatest: '10', keepDays: '' })
  const { repositories, tags } = form
  const [keepLatest, keepDays] = [numberOf(form.keepLatest), numberOf(form.keepDays)]
  const rule: NewRule =
    kind === 'immutable'
      ? { kind, repositories, tags }
      : {
          kind,
          repositories,
          tags,
          ...(keepLatest === undefined ? {} : { keepLatest }),
          ...(keepDays === undefined ? {} : { keepDays }),
        }
  const add = useMutation({ mutationFn: () => projectVerbs.addRule(project, rule) })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    add.mutate()
  }
  const field = (name: keyof typeof form) => ({
    value: form[name],
    onChange: (event: { readonly target: { readonly value: string } }) =>
      setForm({ ...form, [name]: event.target.value }),
  })
  return (
    <form className="sheet narrow" onSubmit={submit}>
      <h2>{words.newRule}</h2>
      <Field label={hub.kind}>
        <select value={kind} onChange={(event) => setKind(event.target.value as ProjectRule['kind'])}>
          <option value="immutable">{words.immutable}</option>
          <option value="retention">{words.retention}</option>
        </select>
      </Field>
      <Field label={words.repositories} hint={words.patternHint}>
        <input required className="mono" {...field('repositories')} />
      </Field>
      <Field label={hub.tags} hint={words.patternHint}>
        <input required className="mono" {...field('tags')} />
      </Field>
      {kind === 'retention' ? (
        <>
          <Field label={words.keepLatest} hint={words.keepLatestHint}>
            <input type="number" min={1} {...field('keepLatest')} />
          </Field>
          <Field label={words.keepDays} hint={words.keepDaysHint}>
            <input type="number" min={1} {...field('keepDays')} />
          </Field>
          <button type="button" className="button" onClick={() => onPreview(rule)}>
            {words.preview}
          </button>
        </>
      ) : null}
      <Problem error={add.error} />
      <button type="submit" className="button main-action" disabled={add.isPending}>
        {hub.create}
      </button>
    </form>
  )
}
