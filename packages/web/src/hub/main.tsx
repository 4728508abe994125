import '../app/style-nonce.ts'
import '../app/theme.ts'
import '../style/base.css'
import '../style/shell.css'
import '../style/parts.css'
import '../style/overlays.css'
import '../style/containers.css'
import '../style/hub.css'
import { QueryClient } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { retry, show } from '../app/show.tsx'
import { router } from './router.tsx'

const queries = new QueryClient({
  defaultOptions: {
    queries: { retry },
    // Whatever was changed, what is shown is asked for again.
    mutations: { onSettled: () => queries.invalidateQueries() },
  },
})

show(queries, <RouterProvider router={router} />)
