import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Empty } from '../parts/empty.tsx'
import { Form } from '../parts/form.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { TextField } from '../parts/text-field.tsx'
import { useWords } from '../words/words.tsx'
import { NewPasswordField } from './account/new-password-field.tsx'
import { verbs, waysQuery } from './queries.ts'

/** Behind `#`, which a browser keeps to itself: no log has it, and no other site. */
const invitationHere = (): string => location.hash.slice(1)

const SignUpForm = ({ invitation }: { readonly invitation: string }) => {
  const { hub, account: words } = useWords()
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const join = useMutation({
    mutationFn: () => verbs.signUp({ name, password, ...(invitation === '' ? {} : { invitation }) }),
    onSuccess: () => location.assign('/'),
  })
  return (
    <Form action={words.signUp} call={join}>
      <TextField label={hub.name} hint={words.nameHint} value={name} onChange={setName} autoComplete="username" />
      <NewPasswordField label={hub.password} value={password} onChange={setPassword} />
    </Form>
  )
}

/** For who has no account yet. */
export const SignUpPage = () => {
  const { account: words } = useWords()
  const [invitation] = useState(invitationHere)
  const ways = useQuery(waysQuery).data
  const isClosed = ways?.signUp === 'off' || (ways?.signUp === 'invitation' && invitation === '')
  return (
    <>
      <PageHead title={words.signUp} about={words.signUpAbout} />
      {isClosed ? (
        <Empty title={words.signUpClosed} about={words.signUpClosedAbout} />
      ) : (
        <SignUpForm invitation={invitation} />
      )}
    </>
  )
}
