import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { plainEnvironment, slipwayProgram } from './place.ts'
import { callWitness } from './testimony.ts'

const patience = 120_000
const keptLines = 200
/** So many of them are told when a test has failed. */
const toldLines = 30

export interface LogLine {
  readonly message: string
  readonly [field: string]: unknown
}

/** `bin/slipway engine` or `bin/slipway registry` as a process of its own. Disposing it ends it at once. */
export class Daemon implements AsyncDisposable {
  readonly #process: ChildProcess
  readonly #lines: string[]

  private constructor(child: ChildProcess, lines: string[]) {
    this.#process = child
    this.#lines = lines
  }

  /** Starts it; resolves with the line in which it says that it is ready. `before`: what to start it under (nsenter). */
  static async start(
    args: readonly string[],
    ready: string,
    before: readonly string[] = [],
  ): Promise<{ daemon: Daemon; line: LogLine }> {
    const [program = '', ...rest] = [...before, slipwayProgram, ...args]
    const child = spawn(program, rest, { env: plainEnvironment(), stdio: ['ignore', 'ignore', 'pipe'] })
    const lines: string[] = []
    const daemon = new Daemon(child, lines)
    callWitness(() => [`the last that ${args[0]} ${child.pid} logged:`, ...lines.slice(-toldLines)].join('\n'))
    const found = new Promise<LogLine>((resolve, reject) => {
      const fail = (why: string): void => reject(new Error(`${args[0]} ${why}:\n${lines.join('\n')}`))
      const timer = setTimeout(() => fail(`was not ready in ${patience} ms`), patience)
      child.on('error', reject)
      child.on('close', (code) => fail(`ended with ${code}`))
      createInterface(child.stderr).on('line', (text) => {
        lines.push(text)
        if (lines.length > keptLines) lines.shift()
        if (!text.includes(`"${ready}"`)) return
        clearTimeout(timer)
        resolve(JSON.parse(text) as LogLine)
      })
      child.on('close', () => clearTimeout(timer))
    })
    try {
      return { daemon, line: await found }
    } catch (error) {
      await daemon.end('SIGKILL')
      throw error
    }
  }

  get pid(): number {
    return this.#process.pid ?? 0
  }

  /** The last lines that it logged. */
  get log(): string {
    return this.#lines.join('\n')
  }

  /** Sends it a signal and waits until it is gone. Resolves with its exit code, null when the signal killed it. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#process
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit')
      child.kill(signal)
      await gone
    }
    return child.exitCode
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGKILL')
  }
}
