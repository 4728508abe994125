import { type QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { type ReactNode, StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { CallError } from '../calls/ask.ts'
import { WordsProvider } from '../words/words.tsx'

/** Asks again what went wrong on the way, twice; a refusal stays one. */
export const retry = (count: number, error: unknown): boolean =>
  count < 2 && !(error instanceof CallError && error.status >= 400)

/** Puts a program into its page. */
export const show = (queries: QueryClient, program: ReactNode): void => {
  const root = document.getElementById('root')
  if (root === null) return
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <WordsProvider>{program}</WordsProvider>
      </QueryClientProvider>
    </StrictMode>,
  )
}
