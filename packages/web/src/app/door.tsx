import { useQuery, useQueryClient } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { Problem } from '../parts/problem.tsx'
import { router } from './router.tsx'
import { sessionQuery, signIn, takeKeyOfLink } from './session.ts'
import { retry } from './show.tsx'
import { SignIn } from './sign-in.tsx'

const keyOfLink = takeKeyOfLink()

/**
 * Where nobody answers it is tried again: the key isn’t in the address any more. A wrong one is said by the page that asks for one.
 */
const enter = async (key: string, count = 0): Promise<void> => {
  try {
    await signIn(key)
  } catch (error) {
    if (retry(count, error)) await enter(key, count + 1)
  }
}

/** Lets in who has signed in, and who comes by a link with the key. */
export const Door = () => {
  const queries = useQueryClient()
  const [isEntering, setEntering] = useState(keyOfLink !== undefined)
  const session = useQuery({ ...sessionQuery, enabled: !isEntering })
  useEffect(() => {
    if (keyOfLink === undefined) return
    void enter(keyOfLink).finally(() => setEntering(false))
  }, [])
  if (session.data === true) return <RouterProvider router={router} />
  if (session.data === false) return <SignIn />
  if (session.error === null) return null
  return (
    <main className="sign-in">
      <Problem error={session.error} />
      <button type="button" className="button" onClick={() => void queries.invalidateQueries()}>
        ↻
      </button>
    </main>
  )
}
