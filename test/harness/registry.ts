import assert from 'node:assert/strict'
import { join } from 'node:path'
import { Daemon } from './daemon.ts'
import { plainEnvironment, slipwayProgram } from './place.ts'
import { run } from './run.ts'
import type { Scratch } from './scratch.ts'

/** A registry of its own, with its own data root, on a free port of the loopback. */
export class TestRegistry implements AsyncDisposable {
  readonly dataRoot: string
  /** `127.0.0.1:41234` */
  readonly address: string
  #daemon: Daemon

  private constructor(dataRoot: string, address: string, daemon: Daemon) {
    this.dataRoot = dataRoot
    this.address = address
    this.#daemon = daemon
  }

  static async start(scratch: Scratch): Promise<TestRegistry> {
    const dataRoot = join(scratch.path, 'registry')
    const { daemon, line } = await launch(dataRoot, '127.0.0.1:0')
    return new TestRegistry(dataRoot, String(line['address']), daemon)
  }

  /** `docker.io` of the engines' configuration: everything without a host goes here. */
  get asDockerHub(): readonly unknown[] {
    const place = `http://${this.address}`
    return [{ prefix: 'docker.io', pull: [place], push: place, search: place }]
  }

  async addUser(name: string, password: string): Promise<void> {
    const args = ['registry', '--data-root', this.dataRoot, 'user', 'add', name, '--password-stdin']
    const { code, stderr } = await run(slipwayProgram, args, { env: plainEnvironment(), input: `${password}\n` })
    assert.equal(code, 0, stderr)
  }

  async stop(): Promise<void> {
    await this.#daemon.end('SIGTERM')
  }

  async startAgain(): Promise<void> {
    this.#daemon = (await launch(this.dataRoot, this.address)).daemon
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#daemon[Symbol.asyncDispose]()
  }
}

const launch = (dataRoot: string, listen: string): ReturnType<typeof Daemon.start> =>
  Daemon.start(['registry', '--listen', listen, '--data-root', dataRoot], 'registry is listening')
