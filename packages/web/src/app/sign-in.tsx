import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { Field } from '../parts/field.tsx'
import { Problem } from '../parts/problem.tsx'
import { useWords } from '../words/words.tsx'
import { signIn } from './session.ts'

/** People paste what they have: the key, or the whole link. */
const keyOf = (text: string): string => text.trim().replace(/^.*#key=/, '')

export const SignIn = () => {
  const words = useWords()
  const queries = useQueryClient()
  const [text, setText] = useState('')
  const enter = useMutation({
    mutationFn: () => signIn(keyOf(text)),
    onSuccess: () => queries.invalidateQueries(),
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    enter.mutate()
  }
  return (
    <main className="sign-in">
      <form className="sheet" onSubmit={submit}>
        <img src="/slipway.svg" alt="" />
        <h1>{words.signIn.title}</h1>
        <p className="quiet">{words.signIn.about}</p>
        <Field label={words.signIn.key}>
          <input type="password" autoComplete="off" value={text} onChange={(event) => setText(event.target.value)} />
        </Field>
        <Problem error={enter.error} />
        <button type="submit" className="button main-action" disabled={text === '' || enter.isPending}>
          {words.signIn.button}
        </button>
      </form>
    </main>
  )
}
