import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Copyable } from '../parts/copyable.tsx'
import { Form } from '../parts/form.tsx'
import { Problem } from '../parts/problem.tsx'
import { Table } from '../parts/table.tsx'
import { TextField } from '../parts/text-field.tsx'
import { useWords } from '../words/words.tsx'
import { invitationsQuery, verbs, waysQuery } from './queries.ts'

const Open = () => {
  const { hub, account: words } = useWords()
  const { data, error } = useQuery(invitationsQuery)
  const remove = useMutation({ mutationFn: verbs.removeInvitation })
  if (data === undefined || data.invitations.length === 0) return <Problem error={error} />
  return (
    <>
      <Problem error={remove.error} />
      <Table
        columns={[
          { name: words.note },
          { name: words.grants },
          { name: hub.by },
          { name: hub.expires },
          { name: hub.remove, isHidden: true },
        ]}
      >
        {data.invitations.map(({ id, note, grants, createdBy, expiresAt }) => (
          <tr key={id}>
            <td>{note || '–'}</td>
            <td className="mono">{grants || '–'}</td>
            <td>{createdBy ?? '–'}</td>
            <td>{new Date(expiresAt).toLocaleDateString()}</td>
            <td className="number">
              <button type="button" className="button small" onClick={() => remove.mutate(id)}>
                {hub.remove}
              </button>
            </td>
          </tr>
        ))}
      </Table>
    </>
  )
}

const Invite = () => {
  const { hub, account: words } = useWords()
  const [note, setNote] = useState('')
  const [grants, setGrants] = useState('')
  const [expiresIn, setExpiresIn] = useState('7d')
  const make = useMutation({ mutationFn: () => verbs.invite({ note, grants, expiresIn }) })
  const outcome = make.data && (
    <>
      <p>{words.linkOnce}</p>
      <Copyable text={`${location.origin}/sign-up#${make.data.invitation}`} />
    </>
  )
  return (
    <Form title={words.invite} action={words.makeLink} call={make} outcome={outcome}>
      <TextField label={words.note} hint={words.noteHint} value={note} onChange={setNote} isOptional />
      <TextField label={words.grants} hint={words.grantsHint} value={grants} onChange={setGrants} isOptional isMono />
      <TextField label={hub.expiresIn} hint={words.invitationLife} value={expiresIn} onChange={setExpiresIn} />
    </Form>
  )
}

/** Links for those who are to make an account themselves. */
export const Invitations = () => {
  const { account: words } = useWords()
  if (useQuery(waysQuery).data?.signUp === 'off') return null
  return (
    <section className="stack">
      <h2>{words.invitations}</h2>
      <Open />
      <Invite />
    </section>
  )
}
