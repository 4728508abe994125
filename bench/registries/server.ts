import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const patience = 20_000
/** Between two questions whether it answers: the precision of a start's time. */
const interval = 5

export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const asking = request({ port, host: '127.0.0.1', path: '/v2/', agent: false }, (response) => {
      response.resume()
      // A registry with accounts asks who it is.
      resolve(response.statusCode === 200 || response.statusCode === 401)
    })
    asking.once('error', () => resolve(false))
    asking.end()
  })

const start = ([command = '', ...args]: readonly string[], log: string): ChildProcess => {
  const output = openSync(log, 'a')
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', command, ...args], {
    stdio: ['ignore', output, output],
    detached: true,
  })
  closeSync(output)
  child.once('error', () => undefined)
  return child
}

const hasEnded = ({ pid, exitCode, signalCode }: ChildProcess): boolean =>
  pid === undefined || exitCode !== null || signalCode !== null

/** A registry, or what stands for one, on loopback. Disposing of it ends it, and leaves its data. */
export interface Server extends AsyncDisposable {
  /** `127.0.0.1:34567` */
  readonly host: string
  readonly pid: number
  /** From the start of the process to the first answered `/v2/`, in milliseconds. */
  readonly startedIn: number
}

export interface ServerStart {
  /** Runs in the foreground. */
  readonly command: readonly string[]
  /** Gets what it prints. */
  readonly log: string
}

/** Starts a server that ends with us at the latest. */
export const startUnseen = ({ command, log }: ServerStart): AsyncDisposable & { readonly child: ChildProcess } => {
  const child = start(command, log)
  return {
    child,
    async [Symbol.asyncDispose]() {
      if (hasEnded(child)) return
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}

/** As `startUnseen()`, and waits for its first answer on `port`. */
export const startServer = async ({ command, log, port }: ServerStart & { readonly port: number }): Promise<Server> => {
  const begun = performance.now()
  await using undo = new AsyncDisposableStack()
  const { child } = undo.use(startUnseen({ command, log }))
  while (!(await answers(port))) {
    if (hasEnded(child) || performance.now() - begun > patience) {
      throw new Error(`${command.join(' ')} did not answer: ${(await readFile(log, 'utf8')).slice(-1000)}`)
    }
    await sleep(interval)
  }
  const startedIn = performance.now() - begun
  const parts = undo.move()
  return {
    host: `127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    startedIn,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}
