import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { EngineClient } from '@slipway/client'
import type { Daemon } from './engine.ts'

export interface DaemonStart {
  /** Runs in the foreground, and answers on `socket`. */
  readonly command: readonly string[]
  readonly socket: string
  /** Gets what it prints. */
  readonly log: string
  readonly env?: Readonly<Record<string, string>>
}

const patience = 60_000
/** Between two questions whether it answers: the precision of a start's time. */
const interval = 5

const answers = (socket: string): Promise<boolean> =>
  new Promise((resolve) => {
    const asking = request({ socketPath: socket, path: '/_ping', agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    asking.once('error', () => resolve(false))
    asking.end()
  })

const stop = async (child: ChildProcess): Promise<void> => {
  const deadline = Date.now() + patience
  child.kill('SIGTERM')
  while (child.exitCode === null && child.signalCode === null) {
    if (Date.now() > deadline) child.kill('SIGKILL')
    await sleep(20)
  }
}

/** Starts a daemon, which ends with us at the latest, and waits for its first answer. */
export const startDaemon = async ({ command, socket, log, env = {} }: DaemonStart): Promise<Daemon> => {
  await rm(socket, { force: true })
  const output = openSync(log, 'a')
  const begun = performance.now()
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', ...command], {
    stdio: ['ignore', output, output],
    env: { ...process.env, ...env },
    // Ctrl-C is for us: containers are removed before their daemon goes.
    detached: true,
  })
  closeSync(output)
  child.once('error', () => undefined)
  while (!(await answers(socket))) {
    const gone = child.pid === undefined || child.exitCode !== null || child.signalCode !== null
    if (gone || performance.now() - begun > patience) {
      await stop(child)
      throw new Error(`${command.join(' ')} did not answer: ${(await readFile(log, 'utf8')).slice(-1000)}`)
    }
    await sleep(interval)
  }
  const startedIn = performance.now() - begun
  const client = new EngineClient({ host: `unix://${socket}`, apiVersion: '1.41' })
  return {
    client,
    host: `unix://${socket}`,
    pid: child.pid ?? 0,
    startedIn,
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]()
      await stop(child)
    },
  }
}
