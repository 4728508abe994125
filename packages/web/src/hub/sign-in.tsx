import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { Field } from '../parts/field.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { Problem } from '../parts/problem.tsx'
import { useWords } from '../words/words.tsx'
import { verbs } from './queries.ts'

export const SignInPage = () => {
  const { hub: words } = useWords()
  const [user, setUser] = useState('')
  const [password, setPassword] = useState('')
  const enter = useMutation({
    mutationFn: () => verbs.signIn(user, password),
    // The page is loaded anew: nothing of what a stranger saw is kept.
    onSuccess: () => location.assign('/'),
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    enter.mutate()
  }
  return (
    <>
      <PageHead title={words.signIn} about={words.signInAbout} />
      <form className="sheet narrow" onSubmit={submit}>
        <Field label={words.account}>
          <input required autoComplete="username" value={user} onChange={(event) => setUser(event.target.value)} />
        </Field>
        <Field label={words.password}>
          <input
            required
            type="password"
            autoComplete="current-password"
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        </Field>
        <Problem error={enter.error} />
        <button type="submit" className="button main-action" disabled={enter.isPending}>
          {words.signIn}
        </button>
      </form>
    </>
  )
}
