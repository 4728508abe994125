import { spawn } from 'node:child_process'
import { hasErrno, SlipwayError } from '@slipway/core'

export interface ProgramResult {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

const maximumOutput = 64 * 1024 * 1024

/** Runs a program to its end. Throws unavailable when it isn't installed; a failing one is for the caller to judge. */
export const runProgram = (file: string, args: readonly string[], input = ''): Promise<ProgramResult> =>
  new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: 'pipe', env: { ...process.env, LC_ALL: 'C' } })
    const chunks = { stdout: [] as Buffer[], stderr: [] as Buffer[] }
    let length = 0
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].on('data', (chunk: Buffer) => {
        length += chunk.length
        if (length > maximumOutput) child.kill('SIGKILL')
        else chunks[name].push(chunk)
      })
    }
    child.on('error', (error) => {
      reject(hasErrno(error, 'ENOENT') ? new SlipwayError('unavailable', `${file} is not installed`) : error)
    })
    child.on('close', (code) => {
      const text = (parts: readonly Buffer[]): string => Buffer.concat(parts).toString('utf8')
      resolve({ exitCode: code ?? 128, stdout: text(chunks.stdout), stderr: text(chunks.stderr) })
    })
    // A program that ends before it has read everything is judged by its exit code, not by EPIPE.
    child.stdin.on('error', () => {})
    child.stdin.end(input)
  })
