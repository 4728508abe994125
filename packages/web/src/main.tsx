import './app/style-nonce.ts'
import './app/theme.ts'
import './style/base.css'
import './style/shell.css'
import './style/parts.css'
import './style/overlays.css'
import './style/containers.css'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Door } from './app/door.tsx'
import { CallError } from './calls/ask.ts'
import { WordsProvider } from './words/words.tsx'

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // The engine's events tell when something is stale.
      staleTime: 30_000,
      retry: (count, error) => count < 2 && !(error instanceof CallError && error.status >= 400),
    },
  },
})

const root = document.getElementById('root')
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <WordsProvider>
          <Door />
        </WordsProvider>
      </QueryClientProvider>
    </StrictMode>,
  )
}
