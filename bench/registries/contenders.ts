import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bench } from '../measure.ts'
import { peersDirectory } from '../peers/root.ts'
import { dockerRegistry, dockerRegistryVersion } from './docker-registry.ts'
import { nginx } from './nginx.ts'
import { freePort, type Server, startServer } from './server.ts'
import { slipwayRegistry } from './slipway.ts'

/** A server that is measured, by its name in the table. */
export interface Contender extends Server {
  readonly name: string
}

/** Registries side by side, each over a store of its own, all of them on one file system. */
export interface Contenders extends AsyncDisposable {
  /** Ours, docker-registry where there are peers, and `node:http`, the limit. */
  readonly registries: readonly Contender[]
  /** For whatever else is needed; it goes with them. */
  readonly directory: string
  /** nginx, which sends this file for every blob. */
  addFileServer(file: string): Promise<Contender>
}

const plain = join(import.meta.dirname, 'plain.ts')

type Command = (port: number, storage: string) => readonly string[] | Promise<readonly string[]>

const commandsOf = async ({ inside }: Pick<Bench, 'inside'>): Promise<readonly (readonly [string, Command])[]> => {
  const peer: Command = async (port, storage) =>
    inside?.command(await dockerRegistry(port, storage), { hostNetwork: true }) ?? []
  return [
    ['slipway', slipwayRegistry],
    ...(inside ? [[`docker-registry ${await dockerRegistryVersion(inside)}`, peer] as const] : []),
    ['node:http', (port, storage) => [process.execPath, plain, String(port), storage]],
  ]
}

export const openContenders = async (bench: Pick<Bench, 'inside'>): Promise<Contenders> => {
  await using undo = new AsyncDisposableStack()
  const directory = await mkdtemp(join(bench.inside === undefined ? tmpdir() : peersDirectory, 'registries-'))
  undo.defer(() => rm(directory, { recursive: true, force: true }))
  const servers = undo.use(new AsyncDisposableStack())
  const add = async (name: string, command: Command): Promise<Contender> => {
    const [storage, port] = [join(directory, name.replace(/\W+/g, '-')), await freePort()]
    await mkdir(storage)
    const server = await startServer({ command: await command(port, storage), log: `${storage}.log`, port })
    return { name, ...servers.use(server) }
  }
  const registries: Contender[] = []
  for (const [name, command] of await commandsOf(bench)) registries.push(await add(name, command))
  const parts = undo.move()
  return {
    registries,
    directory,
    addFileServer: (file) => add('nginx', (port, storage) => nginx(port, storage, file)),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}
