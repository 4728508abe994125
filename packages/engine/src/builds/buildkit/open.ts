import { type BuildWorker, ReceivedContexts } from '@slipway/build'
import { Sessions } from '@slipway/buildkit'
import { digestOf, hexOf } from '@slipway/core'
import { Jobs } from './job.ts'
import type { BuildKit } from './room.ts'

/** BuildKit's API over the engine's builder; `directory` holds the contexts that clients send. */
export const openBuildKit = (worker: BuildWorker, directory: string): BuildKit & Disposable => {
  const sessions = new Sessions()
  return {
    worker,
    sessions,
    jobs: new Jobs(),
    contexts: new ReceivedContexts(directory),
    workerId: hexOf(digestOf(directory)).slice(0, 25),
    [Symbol.dispose]: () => sessions[Symbol.dispose](),
  }
}
