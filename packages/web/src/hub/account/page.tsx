import type { HubAccessToken } from '@slipway/client'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { Copyable } from '../parts/copyable.tsx'
import { Field } from '../parts/field.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { Problem } from '../parts/problem.tsx'
import { Since } from '../parts/since.tsx'
import { Table } from '../parts/table.tsx'
import { useWords } from '../words/words.tsx'
import { sessionQuery, tokensQuery, verbs } from './queries.ts'

const TokenTable = ({ tokens }: { readonly tokens: readonly HubAccessToken[] }) => {
  const { hub: words } = useWords()
  const remove = useMutation({ mutationFn: verbs.removeToken })
  return (
    <Table
      columns={[
        { name: words.name },
        { name: words.limits },
        { name: words.expires },
        { name: words.lastUsed },
        { name: words.remove, isHidden: true },
      ]}
    >
      {tokens.map(({ id, name, limits, expiresAt, usedAt }) => (
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
  )
}

const wished = (text: string): string | undefined => (text.trim() === '' ? undefined : text.trim())

const NewToken = ({ account }: { readonly account: string }) => {
  const { hub: words } = useWords()
  const [form, setForm] = useState({ name: '', limits: '', expiresIn: '30d' })
  const add = useMutation({
    mutationFn: () => {
      const [limits, expiresIn] = [wished(form.limits), wished(form.expiresIn)]
      return verbs.addToken({ name: form.name, ...(limits ? { limits } : {}), ...(expiresIn ? { expiresIn } : {}) })
    },
  })
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
      <h2>{words.newToken}</h2>
      <Field label={words.name}>
        <input required {...field('name')} />
      </Field>
      <Field label={words.limits} hint={words.limitsHint}>
        <input className="mono" {...field('limits')} />
      </Field>
      <Field label={words.expiresIn} hint={words.expiresHint}>
        <input {...field('expiresIn')} />
      </Field>
      <Problem error={add.error} />
      <button type="submit" className="button main-action" disabled={add.isPending}>
        {words.create}
      </button>
      {add.data === undefined ? null : (
        <div role="status">
          <p>{words.tokenOnce}</p>
          <Copyable text={add.data.token} />
          <p>
            <code>{`docker login -u ${account} ${location.host}`}</code>
          </p>
        </div>
      )}
    </form>
  )
}

const ChangePassword = () => {
  const { hub: words } = useWords()
  const [old, setOld] = useState('')
  const [password, setPassword] = useState('')
  const change = useMutation({ mutationFn: () => verbs.changePassword(old, password) })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    change.mutate()
  }
  return (
    <form className="sheet narrow" onSubmit={submit}>
      <h2>{words.changePassword}</h2>
      <Field label={words.oldPassword}>
        <input
          required
          type="password"
          autoComplete="current-password"
          value={old}
          onChange={(event) => setOld(event.target.value)}
        />
      </Field>
      <Field label={words.newPassword}>
        <input
          required
          type="password"
          autoComplete="new-password"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
      </Field>
      <Problem error={change.error} />
      {change.isSuccess ? <p role="status">{words.passwordChanged}</p> : null}
      <button type="submit" className="button main-action" disabled={change.isPending}>
        {words.changePassword}
      </button>
    </form>
  )
}

/** One's own account. */
export const AccountPage = () => {
  const { hub: words } = useWords()
  const account = useQuery(sessionQuery).data?.account ?? ''
  const { data, error } = useQuery(tokensQuery)
  return (
    <>
      <PageHead title={words.tokens} about={words.tokensAbout} />
      <Problem error={error} />
      {data === undefined || data.tokens.length === 0 ? null : <TokenTable tokens={data.tokens} />}
      <div className="sheets">
        <NewToken account={account} />
        <ChangePassword />
      </div>
    </>
  )
}
