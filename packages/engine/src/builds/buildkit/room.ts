import type { BuildWorker, ReceivedContexts } from '@slipway/build'
import type { Sessions } from '@slipway/buildkit'
import type { ImageRoom } from '../../images/room.ts'
import type { History } from './history.ts'
import type { Jobs } from './job.ts'
import type { Links } from './links.ts'

/** What the verbs of BuildKit's door work with. */
export interface BuildKit {
  readonly worker: BuildWorker
  readonly images: ImageRoom
  readonly sessions: Sessions
  readonly jobs: Jobs
  readonly history: History
  readonly links: Links
  readonly contexts: ReceivedContexts
  readonly workerId: string
  /** What `host-gateway` stands for: clients fill it in. Asked for each time, for the bridge may be another one meanwhile. */
  readonly hostGateway: () => string | undefined
}
