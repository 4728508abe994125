import { spawn } from 'node:child_process'

/** A failure that a person can do something about: its message is the one sentence they read. */
export class SetupError extends Error {}

/**
 * Runs a program and gives back what it printed. Rejects with its last lines when it fails.
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
    let output = ''
    let all = ''
    const take = (/** @type {Buffer} */ bytes) => {
      all = (all + bytes).slice(-20_000)
      const line = bytes.toString().trimEnd().split('\n').at(-1)
      if (line) options.onLine?.(line)
    }
    child.stdout.on('data', (bytes) => {
      output += bytes
      take(bytes)
    })
    child.stderr.on('data', take)
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve(output)
      else
        reject(
          new SetupError(`${program} ${args[0] ?? ''} failed:\n${all.trimEnd().split('\n').slice(-12).join('\n')}`),
        )
    })
  })

/** The absolute path of a program in PATH or in one of `more`, or undefined.
 * @param {string} name
 * @param {readonly string[]} [more]
 */
export const findProgram = async (name, more = []) => {
  const { access, constants } = await import('node:fs/promises')
  const { join } = await import('node:path')
  const system = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']
  for (const directory of [...(process.env['PATH'] ?? '').split(':'), ...system, ...more]) {
    const path = join(directory, name)
    if (
      directory.startsWith('/') &&
      (await access(path, constants.X_OK).then(
        () => true,
        () => false,
      ))
    )
      return path
  }
  return undefined
}
