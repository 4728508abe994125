import { queryOptions } from '@tanstack/react-query'
import { ask, CallError } from '../calls/ask.ts'

/** Whether somebody is signed in. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }) => {
    try {
      await ask('/session', { signal })
      return true
    } catch (error) {
      if (error instanceof CallError && error.status === 401) return false
      throw error
    }
  },
  staleTime: Number.POSITIVE_INFINITY,
})

export const signIn = (key: string): Promise<unknown> => ask('/session', { method: 'POST', json: { key } })

export const signOut = (): Promise<unknown> => ask('/session', { method: 'DELETE' })

/** The key of a link (`#key=…`). It leaves the address at once, and with it the history. */
export const takeKeyOfLink = (): string | undefined => {
  const key = new URLSearchParams(location.hash.slice(1)).get('key') ?? undefined
  if (key !== undefined) history.replaceState(history.state, '', location.pathname + location.search)
  return key
}
