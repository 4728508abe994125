import type { Team } from '@slipway/client'
import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { Confirm } from '../../parts/confirm.tsx'
import { Field } from '../../parts/field.tsx'
import { More } from '../../parts/more.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import { Problem } from '../../parts/problem.tsx'
import { useWords } from '../../words/words.tsx'
import { sessionQuery } from '../queries.ts'
import { projectVerbs, teamsQuery } from './queries.ts'

interface NameFormProps {
  readonly title: string
  readonly label: string
  readonly action: string
  readonly onName: (name: string) => Promise<unknown>
}

/** One name, and what becomes of it. */
const NameForm = ({ title, label, action, onName }: NameFormProps) => {
  const [name, setName] = useState('')
  const send = useMutation({ mutationFn: () => onName(name), onSuccess: () => setName('') })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    send.mutate()
  }
  return (
    <form className="row" onSubmit={submit} aria-label={title}>
      <Field label={label}>
        <input required value={name} onChange={(event) => setName(event.target.value)} />
      </Field>
      <button type="submit" className="button" disabled={send.isPending}>
        {action}
      </button>
      <Problem error={send.error} />
    </form>
  )
}

interface TeamSheetProps {
  readonly team: Team
  readonly manages: boolean
  readonly onRemove: () => void
}

const TeamSheet = ({ team, manages, onRemove }: TeamSheetProps) => {
  const { hub, project: words } = useWords()
  const leave = useMutation({ mutationFn: (account: string) => projectVerbs.leave(team.name, account) })
  return (
    <section className="sheet stack">
      <div className="row">
        <h2>{team.name}</h2>
        <span className="space" />
        {manages ? (
          <button type="button" className="button small" onClick={onRemove}>
            {hub.remove}
          </button>
        ) : null}
      </div>
      <div className="row">
        {team.members.map((account) => (
          <span key={account} className="badge">
            {account}{' '}
            {manages ? (
              <button
                type="button"
                className="link"
                aria-label={words.leave(account)}
                onClick={() => leave.mutate(account)}
              >
                ×
              </button>
            ) : null}
          </span>
        ))}
      </div>
      <Problem error={leave.error} />
      {manages ? (
        <NameForm
          title={`${words.addToTeam}: ${team.name}`}
          label={words.addToTeam}
          action={words.add}
          onName={(account) => projectVerbs.join(team.name, account)}
        />
      ) : null}
    </section>
  )
}

/** Groups of accounts, which can be members of projects. */
export const TeamsPage = () => {
  const { hub, project: words } = useWords()
  const manages = useQuery(sessionQuery).data?.manages === true
  const { data, error, hasNextPage, fetchNextPage } = useInfiniteQuery(teamsQuery)
  const [removing, setRemoving] = useState<string>()
  const teams = data?.pages.flatMap((page) => page.teams) ?? []
  return (
    <>
      <PageHead title={words.teams} about={words.teamsAbout} />
      <Problem error={error} />
      {data !== undefined && teams.length === 0 ? <p className="quiet">{words.noTeams}</p> : null}
      <div className="sheets">
        {teams.map((team) => (
          <TeamSheet key={team.name} team={team} manages={manages} onRemove={() => setRemoving(team.name)} />
        ))}
      </div>
      {hasNextPage ? <More onMore={fetchNextPage} /> : null}
      {manages ? (
        <div className="sheet narrow">
          <NameForm title={words.newTeam} label={words.newTeam} action={hub.create} onName={projectVerbs.addTeam} />
        </div>
      ) : null}
      <Confirm
        title={words.removeTeam(removing ?? '')}
        about={words.removeTeamAbout}
        action={hub.remove}
        isOpen={removing !== undefined}
        onClose={() => setRemoving(undefined)}
        onConfirm={() => projectVerbs.removeTeam(removing ?? '')}
      />
    </>
  )
}
