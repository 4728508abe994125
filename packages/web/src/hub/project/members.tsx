import type { ProjectMember, ProjectPage, ProjectRole } from '@slipway/client'
import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { Field } from '../../parts/field.tsx'
import { Form } from '../../parts/form.tsx'
import { More } from '../../parts/more.tsx'
import { Problem } from '../../parts/problem.tsx'
import { Since } from '../../parts/since.tsx'
import { Table } from '../../parts/table.tsx'
import { useWords } from '../../words/words.tsx'
import { membersQuery, projectVerbs, teamsQuery } from './queries.ts'

const roles: readonly ProjectRole[] = ['guest', 'developer', 'maintainer', 'owner']

interface RoleChoiceProps {
  readonly label?: string
  readonly value: ProjectRole
  readonly onChange: (role: ProjectRole) => void
}

const RoleChoice = ({ label, value, onChange }: RoleChoiceProps) => {
  const { project: words } = useWords()
  return (
    <select aria-label={label} value={value} onChange={(event) => onChange(event.target.value as ProjectRole)}>
      {roles.map((role) => (
        <option key={role} value={role}>
          {words[role]}
        </option>
      ))}
    </select>
  )
}

const AddMember = ({ project }: { readonly project: string }) => {
  const { hub, project: words } = useWords()
  const [form, setForm] = useState({
    kind: 'account' as ProjectMember['kind'],
    name: '',
    role: 'developer' as ProjectRole,
  })
  const teams = useInfiniteQuery(teamsQuery).data?.pages.flatMap((page) => page.teams) ?? []
  const add = useMutation({
    mutationFn: () => projectVerbs.setMember(project, form, form.role),
    onSuccess: () => setForm({ ...form, name: '' }),
  })
  return (
    <Form title={words.addMember} action={words.add} call={add}>
      {teams.length === 0 ? null : (
        <Field label={words.kind}>
          <select
            value={form.kind}
            onChange={(event) => setForm({ ...form, kind: event.target.value as ProjectMember['kind'] })}
          >
            <option value="account">{words.accountKind}</option>
            <option value="team">{words.teamKind}</option>
          </select>
        </Field>
      )}
      <Field label={hub.name}>
        <input
          required
          list={form.kind === 'team' ? 'teams' : undefined}
          value={form.name}
          onChange={(event) => setForm({ ...form, name: event.target.value })}
        />
      </Field>
      <datalist id="teams">
        {teams.map(({ name }) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <Field label={words.role}>
        <RoleChoice label={words.role} value={form.role} onChange={(role) => setForm({ ...form, role })} />
      </Field>
    </Form>
  )
}

/** Who is in a project, and what they are there. */
export const Members = ({ page }: { readonly page: ProjectPage }) => {
  const { hub, project: words } = useWords()
  const { data, error, hasNextPage, fetchNextPage } = useInfiniteQuery(membersQuery(page.name))
  const members = data?.pages.flatMap((one) => one.members) ?? []
  const change = useMutation({
    mutationFn: ([member, role]: readonly [ProjectMember, ProjectRole]) =>
      projectVerbs.setMember(page.name, member, role),
  })
  const remove = useMutation({ mutationFn: (member: ProjectMember) => projectVerbs.removeMember(page.name, member) })
  return (
    <>
      <p className="quiet">{words.membersAbout}</p>
      <Problem error={error ?? change.error ?? remove.error} />
      <Table
        columns={[
          { name: words.member },
          { name: words.role },
          { name: words.since },
          { name: hub.remove, isHidden: true },
        ]}
      >
        {members.map((member) => (
          <tr key={`${member.kind} ${member.name}`}>
            <td>
              {member.name} {member.kind === 'team' ? <span className="badge">{words.team}</span> : null}
            </td>
            <td>
              {page.mayOwn ? (
                <RoleChoice
                  label={words.roleOf(member.name)}
                  value={member.role}
                  onChange={(role) => change.mutate([member, role])}
                />
              ) : (
                words[member.role]
              )}
            </td>
            <td className="quiet">
              <Since moment={member.addedAt} />
            </td>
            <td className="number">
              {page.mayOwn ? (
                <button type="button" className="button small" onClick={() => remove.mutate(member)}>
                  {hub.remove}
                </button>
              ) : null}
            </td>
          </tr>
        ))}
      </Table>
      {hasNextPage ? <More onMore={fetchNextPage} /> : null}
      {page.mayOwn ? <AddMember project={page.name} /> : null}
    </>
  )
}
