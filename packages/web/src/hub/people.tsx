import type { HubAccount } from '@slipway/client'
import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { Confirm } from '../parts/confirm.tsx'
import { Copyable } from '../parts/copyable.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Field } from '../parts/field.tsx'
import { FormEnd } from '../parts/form-end.tsx'
import { More } from '../parts/more.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { Problem } from '../parts/problem.tsx'
import { RowMenu } from '../parts/row-menu.tsx'
import { Table } from '../parts/table.tsx'
import { useWords } from '../words/words.tsx'
import { NewPasswordField } from './account/new-password-field.tsx'
import { Invitations } from './invitations.tsx'
import { accountsQuery, verbs } from './queries.ts'

interface GrantFieldsProps {
  readonly pattern: string
  readonly actions: string
  readonly onChange: (grant: { readonly pattern: string; readonly actions: string }) => void
}

const GrantFields = ({ pattern, actions, onChange }: GrantFieldsProps) => {
  const { hub: words } = useWords()
  return (
    <>
      <Field label={words.pattern} hint={words.patternHint}>
        <input
          required
          className="mono"
          value={pattern}
          onChange={(event) => onChange({ pattern: event.target.value, actions })}
        />
      </Field>
      <Field label={words.actions} hint={words.actionsHint}>
        <input
          required
          className="mono"
          value={actions}
          onChange={(event) => onChange({ pattern, actions: event.target.value })}
        />
      </Field>
    </>
  )
}

const NewAccountDialog = ({ onClose }: { readonly onClose: () => void }) => {
  const { hub: words } = useWords()
  const [form, setForm] = useState({ name: '', password: '', pattern: 'team/**', actions: 'pull,push' })
  const [isRobot, setRobot] = useState(false)
  const add = useMutation({
    mutationFn: () => {
      const { password, ...account } = form
      return verbs.addAccount(isRobot ? account : { ...account, password })
    },
    onSuccess: onClose,
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    add.mutate()
  }
  return (
    <Dialog title={words.newAccount} isOpen onClose={onClose}>
      <form onSubmit={submit}>
        <Field label={words.name}>
          <input required value={form.name} onChange={(event) => setForm({ ...form, name: event.target.value })} />
        </Field>
        <label className="check">
          <input type="checkbox" checked={isRobot} onChange={(event) => setRobot(event.target.checked)} />
          {words.robot}
        </label>
        {isRobot ? null : (
          <NewPasswordField
            label={words.password}
            value={form.password}
            onChange={(password) => setForm({ ...form, password })}
          />
        )}
        <GrantFields {...form} onChange={(grant) => setForm({ ...form, ...grant })} />
        <Problem error={add.error} />
        <FormEnd action={words.create} isPending={add.isPending} onClose={onClose} />
      </form>
    </Dialog>
  )
}

const GrantDialog = ({ account, onClose }: { readonly account: string; readonly onClose: () => void }) => {
  const { hub: words } = useWords()
  const [grant, setGrant] = useState({ pattern: '', actions: 'pull' })
  const give = useMutation({ mutationFn: () => verbs.grant(account, grant), onSuccess: onClose })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    give.mutate()
  }
  return (
    <Dialog title={`${words.grant}: ${account}`} isOpen onClose={onClose}>
      <form onSubmit={submit}>
        <GrantFields {...grant} onChange={setGrant} />
        <Problem error={give.error} />
        <FormEnd action={words.grant} isPending={give.isPending} onClose={onClose} />
      </form>
    </Dialog>
  )
}

interface RowProps {
  readonly account: HubAccount
  /** Opens what asks before it is done. */
  readonly onAsk: (asked: Asked) => void
}

const deeds = ['grant', 'resetPassword', 'resetFactor', 'remove'] as const

/** What is about to be done, and to whom. */
interface Asked {
  readonly deed: (typeof deeds)[number]
  readonly name: string
}

/** Which of them make sense. */
const deedsFor = ({ kind, origin, hasSecondFactor }: HubAccount): readonly Asked['deed'][] =>
  deeds.filter((deed) => {
    if (deed === 'resetPassword') return kind === 'user' && origin === 'local'
    return deed !== 'resetFactor' || hasSecondFactor
  })

const Row = ({ account: person, onAsk }: RowProps) => {
  const { name, kind, grants, disabledAt, origin, hasSecondFactor, secondFactorRequired } = person
  const { hub: words, account } = useWords()
  const revoke = useMutation({ mutationFn: (pattern: string) => verbs.revoke(name, pattern) })
  const allow = useMutation({ mutationFn: () => verbs.allow(name, disabledAt !== null) })
  const demand = useMutation({ mutationFn: () => verbs.requireSecondFactor(name, !secondFactorRequired) })
  const labels = {
    grant: words.grant,
    resetPassword: account.resetPassword,
    resetFactor: account.resetFactor,
    remove: words.remove,
  }
  return (
    <tr>
      <td>
        {name} {kind === 'robot' ? <span className="badge">{words.robot}</span> : null}
        {disabledAt === null ? null : <span className="badge bad">{account.disabled}</span>}
        {origin === 'local' ? null : <span className="badge">{origin.toUpperCase()}</span>}
        {hasSecondFactor ? <span className="badge good">{account.secondFactor}</span> : null}
      </td>
      <td>
        {grants.map(({ pattern, actions }) => (
          <div key={pattern} className="row">
            <code>
              {pattern}: {actions.join(', ')}
            </code>
            <button type="button" className="button small" onClick={() => revoke.mutate(pattern)}>
              {words.revoke}
            </button>
          </div>
        ))}
        <Problem error={allow.error ?? demand.error} />
      </td>
      <td className="number">
        <RowMenu
          label={account.deedsFor(name)}
          deeds={[
            ...deedsFor(person).map((deed) => ({ name: labels[deed], run: () => onAsk({ deed, name }) })),
            ...(kind === 'user' && origin !== 'oidc'
              ? [
                  {
                    name: secondFactorRequired ? account.allowNoFactor : account.requireFactor,
                    run: () => demand.mutate(),
                  },
                ]
              : []),
            { name: disabledAt === null ? account.disable : account.enable, run: () => allow.mutate() },
          ]}
        />
      </td>
    </tr>
  )
}

/** For who has lost the password. */
const ResetPasswordDialog = ({ name, onClose }: { readonly name: string; readonly onClose: () => void }) => {
  const { account: words } = useWords()
  const reset = useMutation({ mutationFn: () => verbs.oneTimePassword(name) })
  return (
    <Dialog title={words.resetPasswordTitle(name)} isOpen onClose={onClose}>
      <p>{reset.data === undefined ? words.resetPasswordAbout : words.resetPasswordDone}</p>
      {reset.data === undefined ? null : <Copyable text={reset.data.password} />}
      <Problem error={reset.error} />
      {reset.data === undefined ? (
        <button type="button" className="button main-action" disabled={reset.isPending} onClick={() => reset.mutate()}>
          {words.resetPassword}
        </button>
      ) : (
        <button type="button" className="button" onClick={onClose}>
          {words.close}
        </button>
      )}
    </Dialog>
  )
}

/** Who may do what: for who manages the registry. */
export const PeoplePage = () => {
  const { hub: words, account } = useWords()
  const { data, error, hasNextPage, fetchNextPage } = useInfiniteQuery(accountsQuery)
  const [isAdding, setAdding] = useState(false)
  const [asked, setAsked] = useState<Asked>()
  const close = (): void => setAsked(undefined)
  return (
    <>
      <PageHead title={words.people} about={error === null ? words.peopleAbout : words.managersOnly}>
        <button type="button" className="button main-action" onClick={() => setAdding(true)}>
          {words.newAccount}
        </button>
      </PageHead>
      <Problem error={error} />
      <Table columns={[{ name: words.name }, { name: words.actions }, { name: words.grant, isHidden: true }]}>
        {data?.pages
          .flatMap((page) => page.accounts)
          .map((person) => (
            <Row key={person.name} account={person} onAsk={setAsked} />
          ))}
      </Table>
      {hasNextPage ? <More onMore={fetchNextPage} /> : null}
      {error === null ? <Invitations /> : null}
      {isAdding ? <NewAccountDialog onClose={() => setAdding(false)} /> : null}
      {asked?.deed === 'grant' ? <GrantDialog account={asked.name} onClose={close} /> : null}
      {asked?.deed === 'resetPassword' ? <ResetPasswordDialog name={asked.name} onClose={close} /> : null}
      <Confirm
        title={account.resetFactorTitle(asked?.name ?? '')}
        about={account.resetFactorAbout}
        action={account.resetFactor}
        isOpen={asked?.deed === 'resetFactor'}
        onClose={close}
        onConfirm={() => verbs.resetSecondFactor(asked?.name ?? '')}
      />
      <Confirm
        title={words.removeAccount(asked?.name ?? '')}
        about={words.removeAccountAbout}
        action={words.remove}
        isOpen={asked?.deed === 'remove'}
        onClose={close}
        onConfirm={() => verbs.removeAccount(asked?.name ?? '')}
      />
    </>
  )
}
