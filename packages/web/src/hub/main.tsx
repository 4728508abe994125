import '../app/style-nonce.ts'
import '../app/theme.ts'
import '../style/base.css'
import '../style/shell.css'
import '../style/parts.css'
import '../style/overlays.css'
import '../style/containers.css'
import '../style/hub.css'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { CallError } from '../calls/ask.ts'
import { WordsProvider } from '../words/words.tsx'
import { router } from './router.tsx'

const queries = new QueryClient({
  defaultOptions: {
    queries: { retry: (count, error) => count < 2 && !(error instanceof CallError && error.status >= 400) },
    // Whatever was changed, what is shown is asked for again.
    mutations: { onSettled: () => queries.invalidateQueries() },
  },
})

const root = document.getElementById('root')
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <WordsProvider>
          <RouterProvider router={router} />
        </WordsProvider>
      </QueryClientProvider>
    </StrictMode>,
  )
}
