import assert from 'node:assert/strict'
import { join } from 'node:path'
import { Daemon } from './daemon.ts'
import { plainEnvironment, slipwayProgram } from './place.ts'
import { type Outcome, run } from './run.ts'
import type { Scratch } from './scratch.ts'

/** A registry of its own, with its own data root, on a free port of the loopback. */
export class TestRegistry implements AsyncDisposable {
  readonly dataRoot: string
  /** `127.0.0.1:41234` */
  readonly address: string
  readonly #flags: readonly string[]
  #daemon: Daemon

  private constructor(dataRoot: string, address: string, flags: readonly string[], daemon: Daemon) {
    this.dataRoot = dataRoot
    this.address = address
    this.#flags = flags
    this.#daemon = daemon
  }

  /** `flags`: settings of its own, `['--gc-interval', '1s']`. */
  static async start(scratch: Scratch, flags: readonly string[] = []): Promise<TestRegistry> {
    const dataRoot = join(scratch.path, 'registry')
    const { daemon, line } = await launch(dataRoot, '127.0.0.1:0', flags)
    return new TestRegistry(dataRoot, String(line['address']), flags, daemon)
  }

  /** `docker.io` of the engines' configuration: everything without a host goes here. */
  get asDockerHub(): readonly unknown[] {
    const place = `http://${this.address}`
    return [{ prefix: 'docker.io', pull: [place], push: place, search: place }]
  }

  async addUser(name: string, password: string): Promise<void> {
    const { code, stderr } = await this.administer(['user', 'add', name, '--password-stdin'], `${password}\n`)
    assert.equal(code, 0, stderr)
  }

  /** `slipway registry …` over its data root, beside it. */
  administer(words: readonly string[], input = ''): Promise<Outcome> {
    const args = ['registry', '--data-root', this.dataRoot, ...this.#flags, ...words]
    return run(slipwayProgram, args, { env: plainEnvironment(), input })
  }

  /** The last lines that it logged. */
  get log(): string {
    return this.#daemon.log
  }

  async kill(): Promise<void> {
    await this.#daemon.end('SIGKILL')
  }

  async stop(): Promise<void> {
    await this.#daemon.end('SIGTERM')
  }

  async startAgain(): Promise<void> {
    this.#daemon = (await launch(this.dataRoot, this.address, this.#flags)).daemon
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#daemon[Symbol.asyncDispose]()
  }
}

const launch = (dataRoot: string, listen: string, flags: readonly string[]): ReturnType<typeof Daemon.start> =>
  Daemon.start(['registry', '--listen', listen, '--data-root', dataRoot, ...flags], 'registry is listening')
