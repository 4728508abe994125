import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectRegistry } from '@slipway/remote'
import { type BenchImage, configOf, manifestOf } from './images/image.ts'
import type { Bench } from './measure.ts'
import { peersDirectory } from './peers/root.ts'

const program = join(import.meta.dirname, '../bin/slipway')
const patience = 20_000

/**
 * Registries on loopback over one store: docker-registry on the host's loopback for us, and in the peers' network for
 * them. Without peers our own registry takes its place.
 */
export interface Registries extends AsyncDisposable {
  /** As every engine sees it: `127.0.0.1:34567`. */
  readonly host: string
  /** Puts an image there, layers compressed. */
  fill(image: BenchImage, repository: string): Promise<void>
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

const configuration = (storage: string, port: number): string => `version: 0.1
log: { level: error, accesslog: { disabled: true } }
storage: { filesystem: { rootdirectory: ${storage} } }
http: { addr: '127.0.0.1:${port}' }
`

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const asking = request({ port, host: '127.0.0.1', path: '/v2/', agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    asking.once('error', () => resolve(false))
    asking.end()
  })

const start = ([command = '', ...args]: readonly string[]): ChildProcess =>
  spawn('setpriv', ['--pdeathsig', 'TERM', command, ...args], { stdio: 'ignore', detached: true })

const stop = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}

const fill = async (host: string, image: BenchImage, repository: string): Promise<void> => {
  await using remote = connectRegistry({ registry: host, repository, insecure: true })
  for (const layer of image.layers) await remote.push(layer.gzip, layer.read('gzip'))
  await remote.push(configOf(image), [image.config])
  await remote.push(manifestOf(image), [image.manifest])
  await remote.tag({ registry: host, repository, tag: 'latest' }, manifestOf(image))
}

export const openRegistries = async ({ inside }: Pick<Bench, 'inside'>): Promise<Registries> => {
  await using undo = new AsyncDisposableStack()
  const directory = await mkdtemp(join(inside === undefined ? tmpdir() : peersDirectory, 'registry-'))
  undo.defer(() => rm(directory, { recursive: true, force: true }))
  const storage = join(directory, 'data')
  await mkdir(storage)
  const port = await freePort()
  const config = join(directory, 'config.yml')
  await writeFile(config, configuration(storage, port))
  const own = [program, 'registry', '--listen', `127.0.0.1:${port}`, '--data-root', storage]
  const peers = ['docker-registry', 'serve', config]
  const commands = inside ? [inside.command(peers, { hostNetwork: true }), inside.command(peers)] : [own]
  for (const command of commands) {
    const child = start(command)
    undo.defer(() => stop(child))
  }
  const host = `127.0.0.1:${port}`
  for (const deadline = Date.now() + patience; !(await answers(port)); await sleep(20)) {
    if (Date.now() > deadline) throw new Error(`no registry answers on ${host}`)
  }
  const parts = undo.move()
  return {
    host,
    fill: (image, repository) => fill(host, image, repository),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}
