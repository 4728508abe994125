import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectRegistry } from '@slipway/remote'
import { type BenchImage, configOf, manifestOf } from '../images/image.ts'
import type { Bench } from '../measure.ts'
import { peersDirectory } from '../peers/root.ts'
import { dockerRegistry } from './docker-registry.ts'
import { freePort, startServer, startUnseen } from './server.ts'
import { slipwayRegistry } from './slipway.ts'

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
  const log = join(directory, 'log')
  const port = await freePort()
  if (inside === undefined) undo.use(await startServer({ command: slipwayRegistry(port, storage), log, port }))
  else {
    const command = await dockerRegistry(port, storage)
    undo.use(await startServer({ command: inside.command(command, { hostNetwork: true }), log, port }))
    // Nobody but the peers sees this one, and they come later.
    undo.use(startUnseen({ command: inside.command(command), log }))
  }
  const host = `127.0.0.1:${port}`
  const parts = undo.move()
  return {
    host,
    fill: (image, repository) => fill(host, image, repository),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}
