import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { CallError } from '../calls/ask.ts'
import { Form } from '../parts/form.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { Problem } from '../parts/problem.tsx'
import { TextField } from '../parts/text-field.tsx'
import { useWords } from '../words/words.tsx'
import { verbs, waysQuery } from './queries.ts'
import { Link } from './ways.tsx'

const asksForCode = (error: unknown): boolean =>
  error instanceof CallError && (error.detail as { readonly secondFactor?: true } | undefined)?.secondFactor === true

/** Why nothing came of a way by the provider. */
const problemText = (problems: Readonly<Record<string, string>>, name: string): string =>
  (Object.hasOwn(problems, name) ? problems[name] : undefined) ?? problems['provider'] ?? ''

export const SignInPage = () => {
  const { hub: words, account } = useWords()
  const ways = useQuery(waysQuery).data
  const [user, setUser] = useState('')
  const [password, setPassword] = useState('')
  const [code, setCode] = useState<string>()
  const enter = useMutation({
    mutationFn: () => verbs.signIn({ user, password, ...(code ? { code } : {}) }),
    onError: (error) => {
      if (code === undefined && asksForCode(error)) setCode('')
    },
    // The page is loaded anew: nothing of what a stranger saw is kept.
    onSuccess: () => location.assign('/'),
  })
  const problem = new URLSearchParams(location.search).get('problem')
  return (
    <>
      <PageHead title={words.signIn} about={words.signInAbout} />
      {problem === null ? null : <Problem error={problemText(account.problems, problem)} />}
      <Form action={words.signIn} call={enter}>
        <TextField label={words.account} value={user} onChange={setUser} autoComplete="username" />
        <TextField
          label={words.password}
          value={password}
          onChange={setPassword}
          type="password"
          autoComplete="current-password"
        />
        {code === undefined ? null : (
          <TextField
            label={account.code}
            hint={account.codeHint}
            value={code}
            onChange={setCode}
            isMono
            autoComplete="one-time-code"
          />
        )}
      </Form>
      {ways?.provider ? (
        <p>
          <a className="button" href="/sign-in/oidc">
            {account.signInWith(ways.provider)}
          </a>
        </p>
      ) : null}
      {ways?.signUp === 'open' ? (
        <p>
          {account.noAccountYet} <Link to="/sign-up">{account.signUp}</Link>
        </p>
      ) : null}
    </>
  )
}
