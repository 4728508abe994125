import { spawn } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { join } from 'node:path'

/** A failure that a person can do something about: its message is the one sentence they read. */
export class SetupError extends Error {
  /**
   * @param {string} message
   * @param {string} [details]  what the program that failed had to say, shown below the sentence
   */
  constructor(message, details = '') {
    super(message)
    this.details = details
  }
}

/** A program that ended badly: `output` is the end of what it printed. */
export class ProgramError extends Error {
  /** @param {string} title @param {string} output */
  constructor(title, output) {
    super(`${title} failed: ${output.split('\n').at(-1)}`)
    this.output = output
  }
}

const keptCharacters = 20_000

/**
 * Runs a program and gives back what it printed on its standard output. Rejects with a ProgramError when it fails.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, onLine?: (line: string) => void }} [options]
 * @returns {Promise<string>}
 */
export const run = (program, args, options = {}) =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const title = `${program} ${args.find((word) => !word.startsWith('-')) ?? ''}`.trim()
    let output = ''
    let all = ''
    const take = (/** @type {Buffer} */ bytes) => {
      all = (all + bytes).slice(-keptCharacters)
      const line = bytes
        .toString()
        .trimEnd()
        .split(/[\r\n]/)
        .at(-1)
      if (line) options.onLine?.(line)
    }
    child.stdout.on('data', (bytes) => {
      output += bytes
      take(bytes)
    })
    child.stderr.on('data', take)
    child.on('error', (error) => reject(new ProgramError(title, error.message)))
    child.on('close', (code, signal) => {
      if (code === 0) resolve(output)
      else reject(new ProgramError(title, all.trim() || `ended by ${signal ?? `exit code ${code}`}`))
    })
  })

/** The last lines of what a failed program printed; of any other error, its message.
 * @param {unknown} error
 */
export const lastWords = (error) => {
  if (error instanceof ProgramError) return error.output.split('\n').slice(-8).join('\n')
  return error instanceof Error ? error.message : String(error)
}

const system = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']

/** The absolute path of a program in PATH or in one of `more`, or undefined.
 * @param {string} name
 * @param {readonly string[]} [more]
 */
export const findProgram = async (name, more = []) => {
  for (const directory of [...(process.env['PATH'] ?? '').split(':'), ...system, ...more]) {
    const path = join(directory, name)
    const found = directory.startsWith('/') && access(path, constants.X_OK).then(() => true)
    if (await Promise.resolve(found).catch(() => false)) return path
  }
  return undefined
}
