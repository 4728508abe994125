import { type EngineClient, importImage, listContainers, removeContainer } from '@slipway/client'
import { busyboxFiles } from '../images/small.ts'
import type { Daemon, EngineName, Installation } from './engine.ts'

/** An engine that is measured: it runs, and has the image `busybox`. */
export class Subject implements AsyncDisposable {
  readonly #installation: Installation
  #daemon: Daemon | undefined

  private constructor(installation: Installation) {
    this.#installation = installation
  }

  static async open(installation: Installation): Promise<Subject> {
    const subject = new Subject(installation)
    try {
      await subject.start()
      const progress = await importImage(subject.client, busyboxFiles(), { repository: 'busybox', tag: 'latest' })
      for await (const { error } of progress) if (error) throw new Error(error)
      return subject
    } catch (error) {
      await subject[Symbol.asyncDispose]()
      throw error
    }
  }

  get name(): EngineName {
    return this.#installation.name
  }

  get version(): string {
    return this.#installation.version
  }

  get ownCli(): Installation['ownCli'] {
    return this.#installation.ownCli
  }

  get daemon(): Daemon {
    if (this.#daemon === undefined) throw new Error(`${this.name} does not run`)
    return this.#daemon
  }

  get client(): EngineClient {
    return this.daemon.client
  }

  /** Gives the milliseconds until it answered. */
  async start(): Promise<number> {
    this.#daemon ??= await this.#installation.start()
    return this.#daemon.startedIn
  }

  async stop(): Promise<void> {
    await this.#daemon?.[Symbol.asyncDispose]()
    this.#daemon = undefined
  }

  async removeContainers(): Promise<void> {
    const containers = await listContainers(this.client, { all: true })
    for (const { Id } of containers) await removeContainer(this.client, Id, { force: true })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      if (this.#daemon !== undefined) await this.removeContainers()
    } finally {
      await this.stop()
      await this.#installation[Symbol.asyncDispose]()
    }
  }
}
