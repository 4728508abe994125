import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { chmod, chown, mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { invalid } from '@slipway/core'
import { mountSnapshot, unmount } from '@slipway/linux'
import type { SpecMount } from '@slipway/runtime'
import type { OpContext } from '../../graph/vertex.ts'
import type { AgentMount, SecretMount } from './mount.ts'

interface Place {
  /** Isn't there yet. */
  readonly directory: string
  readonly context: OpContext
  readonly stack: AsyncDisposableStack
}

interface Attached {
  readonly mount?: SpecMount
  readonly env?: string
}

const give = async (path: string, { mode, uid, gid }: SecretMount | AgentMount): Promise<void> => {
  await chmod(path, mode)
  await chown(path, uid, gid)
}

/** A directory in memory that may not be swapped out where the kernel knows how. */
const makeRamDirectory = async ({ directory, stack }: Place): Promise<void> => {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  mountSnapshot([{ type: 'ramfs', source: 'ramfs', options: ['mode=700'] }], directory)
  stack.defer(() => unmount(directory, { lazy: true }))
}

/** Asks the client for a secret. It is only ever in memory. Throws invalid, in BuildKit's words. */
export const attachSecret = async (mount: SecretMount, place: Place): Promise<Attached> => {
  const { client, signal } = place.context
  const value = await client?.secret(mount.id, signal)
  if (value === undefined) {
    if (mount.required) throw invalid(`secret ${mount.id}: not found`)
    // The variable is there all the same, and empty.
    return mount.env === undefined ? {} : { env: `${mount.env}=` }
  }
  const env = mount.env === undefined ? {} : { env: `${mount.env}=${Buffer.from(value).toString()}` }
  if (mount.target === undefined) return env
  await makeRamDirectory(place)
  const source = join(place.directory, 'secret')
  await writeFile(source, value, { mode: 0o600 })
  await give(source, mount)
  return { ...env, mount: { kind: 'bind', source, destination: mount.target, readonly: true } }
}

/** A socket whose connections are led to the client's agent. Throws invalid, in BuildKit's words. */
export const attachAgent = async (mount: AgentMount, { directory, context, stack }: Place): Promise<Attached> => {
  const { client, signal } = context
  const env = mount.env === undefined ? {} : { env: `${mount.env}=${mount.target}` }
  if (client === undefined || !(await client.hasAgent(mount.id, signal))) {
    if (mount.required) throw invalid(`unset ssh forward key ${mount.id}`)
    // The variable is there all the same, and names nothing.
    return env
  }
  await mkdir(directory, { recursive: true, mode: 0o711 })
  const server = createServer((socket) => client.connectAgent(mount.id, socket, signal))
  // The path of a socket may have 107 bytes: ours goes by way of the directory's descriptor.
  const descriptor = openSync(directory, 'r')
  try {
    server.listen(`/proc/self/fd/${descriptor}/agent`)
    await once(server, 'listening')
  } catch (error) {
    closeSync(descriptor)
    throw error
  }
  stack.defer(async () => {
    const closed = once(server, 'close')
    server.close()
    closeSync(descriptor)
    await closed
  })
  const source = join(directory, 'agent')
  await give(source, mount)
  return {
    mount: { kind: 'bind', source, destination: mount.target, readonly: false },
    ...env,
  }
}
