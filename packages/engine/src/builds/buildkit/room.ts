import type { BuildWorker, ReceivedContexts } from '@slipway/build'
import type { Sessions } from '@slipway/buildkit'
import type { ImageRoom } from '../../images/room.ts'
import type { Jobs } from './job.ts'

/** What the verbs of BuildKit's door work with. */
export interface BuildKit {
  readonly worker: BuildWorker
  readonly images: ImageRoom
  readonly sessions: Sessions
  readonly jobs: Jobs
  readonly contexts: ReceivedContexts
  readonly workerId: string
}
