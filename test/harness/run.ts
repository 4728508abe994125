import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'

export interface RunOptions {
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  /** What it reads from its standard input; without it, nothing. */
  readonly input?: string | Uint8Array
  /** In milliseconds, three minutes without it: then it is killed, and its exit code is -1. */
  readonly timeout?: number
}

export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const patience = 180_000

/** Runs a program to its end. A failure is an exit code, not an exception. */
export const run = async (program: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> => {
  const { cwd, env, input, timeout = patience } = options
  const child = spawn(program, args, { cwd, env: env ?? process.env, stdio: ['pipe', 'pipe', 'pipe'] })
  const ended = new Promise<number>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? -1))
  })
  // Who doesn't read its input may be gone before it is written.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const timer = setTimeout(() => child.kill('SIGKILL'), timeout)
  try {
    const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)])
    return { code, stdout, stderr }
  } finally {
    clearTimeout(timer)
  }
}
