import './app/style-nonce.ts'
import './app/theme.ts'
import './style/base.css'
import './style/shell.css'
import './style/parts.css'
import './style/overlays.css'
import './style/containers.css'
import { QueryClient } from '@tanstack/react-query'
import { Door } from './app/door.tsx'
import { retry, show } from './app/show.tsx'

// The engine's events tell when something is stale.
show(new QueryClient({ defaultOptions: { queries: { staleTime: 30_000, retry } } }), <Door />)
