import assert from 'node:assert/strict'
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { dockerProgram, plainEnvironment, slipwayProgram } from './place.ts'
import { type Outcome, type RunOptions, run } from './run.ts'
import { Terminal, type TerminalOptions } from './terminal.ts'

/** The stock docker CLI, and ours. */
export type ClientName = 'docker' | 'slipway'
export const clientNames: readonly ClientName[] = ['docker', 'slipway']

const programs: Readonly<Record<ClientName, string>> = { docker: dockerProgram, slipway: slipwayProgram }
const hostVariables: Readonly<Record<ClientName, string>> = { docker: 'DOCKER_HOST', slipway: 'SLIPWAY_HOST' }

const show = ({ code, stdout, stderr }: Outcome): string => `exit code ${code}\n${stdout}\n${stderr}`

/** A command line client of one engine, with a configuration of its own. */
export class Client {
  readonly name: ClientName
  readonly #env: NodeJS.ProcessEnv

  constructor(name: ClientName, host: string, home: string, more: NodeJS.ProcessEnv = {}) {
    this.name = name
    this.#env = {
      ...plainEnvironment(),
      [hostVariables[name]]: host,
      HOME: home,
      DOCKER_CONFIG: join(home, 'docker-config'),
      // The builder that every engine has, also where the buildx plugin is installed.
      DOCKER_BUILDKIT: '0',
      // Compiled code is kept in the real home, as it is for everyone.
      XDG_CACHE_HOME: join(process.env['HOME'] ?? '/root', '.cache'),
      ...more,
    }
  }

  run(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
    return run(programs[this.name], args, { env: this.#env, ...options })
  }

  /** Runs a command that must succeed, and gives back what it printed, without the last line's end. */
  async ok(args: readonly string[], options: RunOptions = {}): Promise<string> {
    const outcome = await this.run(args, options)
    assert.equal(outcome.code, 0, `${this.name} ${args.join(' ')}: ${show(outcome)}`)
    return outcome.stdout.trimEnd()
  }

  /** Runs a command that must fail, and gives back what it said. */
  async fails(args: readonly string[], options: RunOptions = {}): Promise<{ code: number; message: string }> {
    const outcome = await this.run(args, options)
    assert.ok(outcome.code > 0, `${this.name} ${args.join(' ')} should have failed: ${show(outcome)}`)
    return { code: outcome.code, message: `${outcome.stdout}${outcome.stderr}`.trimEnd() }
  }

  terminal(args: readonly string[], options: Partial<TerminalOptions> = {}): Terminal {
    return new Terminal(programs[this.name], args, { env: this.#env, ...options })
  }

  /** Starts a command that goes on. */
  spawn(args: readonly string[]): ChildProcessByStdio<Writable, Readable, Readable> {
    return spawn(programs[this.name], args, { env: this.#env, stdio: ['pipe', 'pipe', 'pipe'] })
  }
}
