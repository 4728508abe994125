import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { Form } from '../../parts/form.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import { TextField } from '../../parts/text-field.tsx'
import { useWords } from '../../words/words.tsx'
import { verbs } from '../queries.ts'
import { NewPasswordField } from './new-password-field.tsx'

export const ChangePassword = ({ onDone }: { readonly onDone?: () => void }) => {
  const { hub: words, account } = useWords()
  const [old, setOld] = useState('')
  const [password, setPassword] = useState('')
  const change = useMutation({
    mutationFn: () => verbs.changePassword(old, password),
    ...(onDone ? { onSuccess: onDone } : {}),
  })
  return (
    <Form
      title={words.changePassword}
      action={words.changePassword}
      call={change}
      outcome={change.isSuccess ? <p>{account.passwordChanged}</p> : null}
    >
      <TextField
        label={words.oldPassword}
        value={old}
        onChange={setOld}
        type="password"
        autoComplete="current-password"
      />
      <NewPasswordField label={words.newPassword} value={password} onChange={setPassword} />
    </Form>
  )
}

/** For who has signed in with a password that somebody else made: nothing else can be done before. */
export const ChoosePasswordPage = () => {
  const { account: words } = useWords()
  return (
    <>
      <PageHead title={words.choosePassword} about={words.choosePasswordAbout} />
      <ChangePassword onDone={() => location.assign('/')} />
    </>
  )
}
