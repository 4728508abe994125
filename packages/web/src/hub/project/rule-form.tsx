import type { ProjectRule } from '@slipway/client'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { Field } from '../../parts/field.tsx'
import { Form } from '../../parts/form.tsx'
import { TextField } from '../../parts/text-field.tsx'
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
  const change = (name: keyof typeof form) => (value: string) => setForm({ ...form, [name]: value })
  const number = (name: 'keepLatest' | 'keepDays') => ({
    value: form[name],
    onChange: (event: { readonly target: { readonly value: string } }) => change(name)(event.target.value),
  })
  return (
    <Form title={words.newRule} action={hub.create} call={add}>
      <Field label={hub.kind}>
        <select value={kind} onChange={(event) => setKind(event.target.value as ProjectRule['kind'])}>
          <option value="immutable">{words.immutable}</option>
          <option value="retention">{words.retention}</option>
        </select>
      </Field>
      <TextField
        label={words.repositories}
        hint={words.patternHint}
        value={repositories}
        onChange={change('repositories')}
        isMono
      />
      <TextField label={hub.tags} hint={words.patternHint} value={tags} onChange={change('tags')} isMono />
      {kind === 'retention' ? (
        <>
          <Field label={words.keepLatest} hint={words.keepLatestHint}>
            <input type="number" min={1} {...number('keepLatest')} />
          </Field>
          <Field label={words.keepDays} hint={words.keepDaysHint}>
            <input type="number" min={1} {...number('keepDays')} />
          </Field>
          <button type="button" className="button" onClick={() => onPreview(rule)}>
            {words.preview}
          </button>
        </>
      ) : null}
    </Form>
  )
}
