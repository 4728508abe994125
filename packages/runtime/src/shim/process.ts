import { setTimeout as sleep } from 'node:timers/promises'
import { type ExitStatus, hasCode, type Process, SlipwayError } from '@slipway/core'
import { type ShimConnection, shimIsGone } from './connection.ts'
import { runtimeFailure } from './failure.ts'
import { dateOf } from './messages.ts'

/** What a process whose shim died is said to have ended with: nobody knows. */
const unknownExit = 255
/** Between a connection that dropped and the next attempt: a shim that lives answers at once. */
const reconnectDelay = 20

/** One process under a shim: the container's first (no exec id) or an exec. */
export class ShimProcess implements Process {
  protected readonly connection: ShimConnection
  /** What every call names. */
  protected readonly name: { readonly id: string; readonly execId?: string }
  #pid: number
  #exit: Promise<ExitStatus> | undefined
  #ended = false

  constructor(connection: ShimConnection, name: { readonly id: string; readonly execId?: string }, pid: number) {
    this.connection = connection
    this.name = name
    this.#pid = pid
  }

  get pid(): number {
    return this.#pid
  }

  /** Its end was seen here. */
  protected get ended(): boolean {
    return this.#ended
  }

  async start(): Promise<void> {
    const { pid } = await this.connection.call('start', this.name).catch((error) => {
      throw runtimeFailure(error, this.name.execId === undefined ? 'start' : 'exec')
    })
    this.#pid = pid
  }

  async kill(signal: number): Promise<void> {
    await this.connection.call('kill', { ...this.name, signal }).catch((error) => {
      throw shimIsGone(error) ? new SlipwayError('not-found', 'process already finished', { cause: error }) : error
    })
  }

  async resize({ height, width }: { readonly height: number; readonly width: number }): Promise<void> {
    await this.connection.call('resize', { ...this.name, height, width })
  }

  async closeStdin(): Promise<void> {
    await this.connection.call('closeIo', { ...this.name, stdin: true })
  }

  /** Asks once, whoever waits; survives a lost connection, and tells 255 when the shim is dead. */
  wait(): Promise<ExitStatus> {
    this.#exit ??= this.#waitForEnd().catch((error) => {
      this.#exit = undefined
      throw error
    })
    return this.#exit
  }

  async #waitForEnd(): Promise<ExitStatus> {
    for (;;) {
      try {
        const { exitStatus, exitedAt } = await this.connection.call('wait', this.name)
        this.#ended = true
        return { exitCode: exitStatus, exitedAt: dateOf(exitedAt) }
      } catch (error) {
        if (shimIsGone(error)) return { exitCode: unknownExit, exitedAt: new Date() }
        if (!hasCode(error, 'unavailable')) throw error
        await sleep(reconnectDelay)
      }
    }
  }
}
