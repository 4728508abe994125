import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { Client } from './client.ts'
import type { TestEngine } from './engine.ts'
import { dockerPlugins } from './place.ts'
import type { Outcome, RunOptions } from './run.ts'
import type { Scratch } from './scratch.ts'

export interface ComposeOptions {
  readonly engine: TestEngine
  readonly scratch: Scratch
  /** The folder with compose.yaml. */
  readonly directory: string
  /** What the file reads from the environment. */
  readonly environment?: NodeJS.ProcessEnv
}

/** The real `docker compose` in one project's folder. Disposing takes the project down with its volumes. */
export class Compose implements AsyncDisposable {
  readonly #client: Client
  readonly #directory: string

  private constructor(client: Client, directory: string) {
    this.#client = client
    this.#directory = directory
  }

  static async open({ engine, scratch, directory, environment }: ComposeOptions): Promise<Compose> {
    const home = join(scratch.path, 'compose-home')
    await mkdir(join(home, 'docker-config'), { recursive: true })
    await symlink(dockerPlugins, join(home, 'docker-config/cli-plugins')).catch(() => undefined)
    const client = new Client('docker', engine.host, home, { COMPOSE_PROGRESS: 'plain', ...environment })
    return new Compose(client, directory)
  }

  /** Runs a command that must succeed, and gives back what it printed on its standard output. */
  ok(args: readonly string[], options: RunOptions = {}): Promise<string> {
    return this.#client.ok(this.#words(args), { timeout: 600_000, ...options })
  }

  run(args: readonly string[]): Promise<Outcome> {
    return this.#client.run(this.#words(args))
  }

  fails(args: readonly string[]): Promise<{ code: number; message: string }> {
    return this.#client.fails(this.#words(args))
  }

  /** Starts a command that goes on. */
  spawn(args: readonly string[]): ReturnType<Client['spawn']> {
    return this.#client.spawn(this.#words(args))
  }

  #words(args: readonly string[]): readonly string[] {
    return ['compose', '--file', join(this.#directory, 'compose.yaml'), ...args]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.ok(['--profile', '*', 'down', '--volumes', '--remove-orphans', '--timeout', '5'])
  }
}
