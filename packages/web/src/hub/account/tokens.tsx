import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Copyable } from '../../parts/copyable.tsx'
import { Form } from '../../parts/form.tsx'
import { Problem } from '../../parts/problem.tsx'
import { Since } from '../../parts/since.tsx'
import { Table } from '../../parts/table.tsx'
import { TextField } from '../../parts/text-field.tsx'
import { useWords } from '../../words/words.tsx'
import { tokensQuery, verbs } from '../queries.ts'

/** One's access tokens. */
export const Tokens = () => {
  const { hub: words } = useWords()
  const { data, error } = useQuery(tokensQuery)
  const remove = useMutation({ mutationFn: verbs.removeToken })
  if (data === undefined || data.tokens.length === 0) return <Problem error={error} />
  return (
    <>
      <h2>{words.tokens}</h2>
      <Problem error={error ?? remove.error} />
      <Table
        columns={[
          { name: words.name },
          { name: words.limits },
          { name: words.expires },
          { name: words.lastUsed },
          { name: words.remove, isHidden: true },
        ]}
      >
        {data.tokens.map(({ id, name, limits, expiresAt, usedAt }) => (
          <tr key={id}>
            <td>{name}</td>
            <td className="mono">{limits ?? '–'}</td>
            <td>{expiresAt === null ? words.never : new Date(expiresAt).toLocaleDateString()}</td>
            <td className="quiet">{usedAt === null ? words.never : <Since moment={usedAt} />}</td>
            <td className="number">
              <button type="button" className="button small" onClick={() => remove.mutate(id)}>
                {words.remove}
              </button>
            </td>
          </tr>
        ))}
      </Table>
    </>
  )
}

const wished = (text: string): string | undefined => (text.trim() === '' ? undefined : text.trim())

export const NewToken = ({ account }: { readonly account: string }) => {
  const { hub: words } = useWords()
  const [name, setName] = useState('')
  const [limits, setLimits] = useState('')
  const [expiresIn, setExpiresIn] = useState('30d')
  const add = useMutation({
    mutationFn: () => {
      const [within, until] = [wished(limits), wished(expiresIn)]
      return verbs.addToken({ name, ...(within ? { limits: within } : {}), ...(until ? { expiresIn: until } : {}) })
    },
  })
  const outcome = add.data && (
    <>
      <p>{words.tokenOnce}</p>
      <Copyable text={add.data.token} />
      <p>
        <code>{`docker login -u ${account} ${location.host}`}</code>
      </p>
    </>
  )
  return (
    <Form title={words.newToken} action={words.create} call={add} outcome={outcome}>
      <p className="quiet">{words.tokensAbout}</p>
      <TextField label={words.name} value={name} onChange={setName} />
      <TextField label={words.limits} hint={words.limitsHint} value={limits} onChange={setLimits} isOptional isMono />
      <TextField
        label={words.expiresIn}
        hint={words.expiresHint}
        value={expiresIn}
        onChange={setExpiresIn}
        isOptional
      />
    </Form>
  )
}
