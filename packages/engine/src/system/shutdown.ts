import { invalid } from '@slipway/core'
import type { ContainerRoom } from '../containers/room.ts'
import { stopAllContainers } from '../containers/stop-all.ts'

/** The end of all that the engine runs, which the engine's own end alone is not: containers outlive it. */
export class Shutdown {
  readonly #room: ContainerRoom
  readonly #asked = Promise.withResolvers<void>()
  #isDone = false

  constructor(room: ContainerRoom) {
    this.#room = room
  }

  /** Nothing runs any more, and no bridge or rule is left. */
  get isDone(): boolean {
    return this.#isDone
  }

  /** Resolves when a client has asked for the end of the program too. */
  get asked(): Promise<void> {
    return this.#asked.promise
  }

  ask(): void {
    this.#asked.resolve()
  }

  /** Stops every container and takes the networks' bridges and rules away. Resolves with how many containers it stopped. */
  async all(options: { readonly timeout?: number | undefined } = {}): Promise<number> {
    const stopped = await stopAllContainers(this.#room, options)
    await this.#room.networks.clear()
    this.#isDone = true
    return stopped
  }
}

/** The patience that a client asks for: whole seconds, -1 for ever; undefined: each container's own. Throws invalid. */
export const shutdownSeconds = (text: string | null): number | undefined => {
  if (text === null || text === '') return undefined
  if (!/^-?\d{1,9}$/.test(text)) throw invalid(`invalid value for "t": ${text.slice(0, 80)}`)
  return Number(text)
}
