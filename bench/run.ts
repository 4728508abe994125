import { spawn } from 'node:child_process'

export interface RunOptions {
  readonly cwd?: string
  /** In addition to our own. */
  readonly env?: Readonly<Record<string, string>>
  /** Gets each line of standard error. */
  readonly say?: (line: string) => void
}

/** Runs a program to its end and gives its output. Rejects with the end of its standard error when it fails. */
export const run = ([program = '', ...args]: readonly string[], options: RunOptions = {}): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    let errors = ''
    child.stdout.on('data', (bytes: Buffer) => {
      output += bytes
    })
    child.stderr.on('data', (bytes: Buffer) => {
      errors = (errors + bytes).slice(-4096)
      for (const line of bytes.toString().trimEnd().split('\n')) options.say?.(line)
    })
    child.once('error', reject)
    child.once('close', (code, signal) => {
      if (code === 0) resolve(output)
      else reject(new Error(`${program} ${args.join(' ')} failed (${signal ?? code}): ${errors.trim()}`))
    })
  })
