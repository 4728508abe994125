import type { ProjectPage, ProjectRule } from '@slipway/client'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Problem } from '../../parts/problem.tsx'
import { Table } from '../../parts/table.tsx'
import { useWords } from '../../words/words.tsx'
import { type NewRule, projectVerbs, rulesQuery } from './queries.ts'
import { RetentionPlan } from './retention-plan.tsx'
import { RuleForm } from './rule-form.tsx'

const Effect = ({ rule: { kind, keepLatest, keepDays } }: { readonly rule: ProjectRule }) => {
  const { project: words } = useWords()
  if (kind === 'immutable') return words.immutableAbout
  if (keepLatest === null && keepDays === null) return words.keepsAll
  return [
    ...(keepLatest === null ? [] : [words.keepsLatest(keepLatest)]),
    ...(keepDays === null ? [] : [words.keepsDays(keepDays)]),
  ].join(' · ')
}

const RuleTable = ({ page, rules }: { readonly page: ProjectPage; readonly rules: readonly ProjectRule[] }) => {
  const { hub, project: words } = useWords()
  const remove = useMutation({ mutationFn: (id: string) => projectVerbs.removeRule(page.name, id) })
  return (
    <>
      <Problem error={remove.error} />
      <Table
        columns={[
          { name: hub.kind },
          { name: words.repositories },
          { name: hub.tags },
          { name: words.rules },
          { name: hub.remove, isHidden: true },
        ]}
      >
        {rules.map((rule) => (
          <tr key={rule.id}>
            <td>
              <span className={rule.kind === 'immutable' ? 'badge good' : 'badge warn'}>{words[rule.kind]}</span>
            </td>
            <td className="mono">
              {page.name}/{rule.repositories}
            </td>
            <td className="mono">{rule.tags}</td>
            <td>
              <Effect rule={rule} />
            </td>
            <td className="number">
              {page.mayMaintain ? (
                <button type="button" className="button small" onClick={() => remove.mutate(rule.id)}>
                  {hub.remove}
                </button>
              ) : null}
            </td>
          </tr>
        ))}
      </Table>
    </>
  )
}

/** Which tags stay what they are, and which go with time. */
export const Rules = ({ page }: { readonly page: ProjectPage }) => {
  const { project: words } = useWords()
  const { data, error } = useQuery(rulesQuery(page.name))
  const [preview, setPreview] = useState<{ readonly rule: NewRule | undefined }>()
  const rules = data?.rules ?? []
  const hasRetention = rules.some(({ kind }) => kind === 'retention')
  return (
    <>
      <Problem error={error} />
      {data !== undefined && rules.length === 0 ? <p className="quiet">{words.noRules}</p> : null}
      {rules.length === 0 ? null : <RuleTable page={page} rules={rules} />}
      {page.mayMaintain && hasRetention ? (
        <button type="button" className="button" onClick={() => setPreview({ rule: undefined })}>
          {words.previewTitle}…
        </button>
      ) : null}
      {page.mayMaintain ? <RuleForm project={page.name} onPreview={(rule) => setPreview({ rule })} /> : null}
      {preview === undefined ? null : (
        <RetentionPlan project={page.name} rule={preview.rule} onClose={() => setPreview(undefined)} />
      )}
    </>
  )
}
