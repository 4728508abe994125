import { ReceivedContexts } from '@slipway/build'
import { Sessions } from '@slipway/buildkit'
import { type Database, digestOf, hexOf } from '@slipway/core'
import { History } from './history.ts'
import { openHistoryStore } from './history-store.ts'
import { Jobs } from './job.ts'
import { Links } from './links.ts'
import type { BuildKit } from './room.ts'

export interface BuildKitOptions extends Pick<BuildKit, 'worker' | 'images' | 'hostGateway'> {
  /** For the contexts that clients send. */
  readonly directory: string
  /** Already migrated with `buildHistoryMigrations`. */
  readonly database: Database
}

/** BuildKit's API over the engine's builder. */
export const openBuildKit = ({
  worker,
  images,
  directory,
  database,
  hostGateway,
}: BuildKitOptions): BuildKit & Disposable => {
  const sessions = new Sessions()
  return {
    worker,
    images,
    sessions,
    jobs: new Jobs(),
    history: new History(openHistoryStore(database)),
    links: new Links(),
    contexts: new ReceivedContexts(directory),
    workerId: hexOf(digestOf(directory)).slice(0, 25),
    hostGateway,
    [Symbol.dispose]: () => sessions[Symbol.dispose](),
  }
}
