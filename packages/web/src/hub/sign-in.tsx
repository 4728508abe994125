import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Form } from '../parts/form.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { TextField } from '../parts/text-field.tsx'
import { useWords } from '../words/words.tsx'
import { verbs, waysQuery } from './queries.ts'
import { Link } from './ways.tsx'

export const SignInPage = () => {
  const { hub: words, account } = useWords()
  const ways = useQuery(waysQuery).data
  const [user, setUser] = useState('')
  const [password, setPassword] = useState('')
  const enter = useMutation({
    mutationFn: () => verbs.signIn(user, password),
    // The page is loaded anew: nothing of what a stranger saw is kept.
    onSuccess: () => location.assign('/'),
  })
  return (
    <>
      <PageHead title={words.signIn} about={words.signInAbout} />
      <Form action={words.signIn} call={enter}>
        <TextField label={words.account} value={user} onChange={setUser} autoComplete="username" />
        <TextField
          label={words.password}
          value={password}
          onChange={setPassword}
          type="password"
          autoComplete="current-password"
        />
      </Form>
      {ways?.signUp === 'open' ? (
        <p>
          {account.noAccountYet} <Link to="/sign-up">{account.signUp}</Link>
        </p>
      ) : null}
    </>
  )
}
