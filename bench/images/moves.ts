import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import {
  type EngineClient,
  importImage,
  loadImages,
  type ProgressMessage,
  readJsonStream,
  saveImages,
  splitTag,
  tagImage,
} from '@slipway/client'

const finish = async (progress: AsyncIterable<ProgressMessage>): Promise<void> => {
  for await (const { error } of progress) if (error) throw new Error(error)
}

/** As the clients ask. */
const transfer = async (client: EngineClient, path: string, query: Readonly<Record<string, string>>): Promise<void> => {
  const headers = { 'x-registry-auth': Buffer.from('{}').toString('base64') }
  const request = { method: 'POST', path, query, headers } as const
  await finish(readJsonStream(await client.request(request)))
}

export const push = (client: EngineClient, name: string): Promise<void> => {
  const { repository, tag = 'latest' } = splitTag(name)
  return transfer(client, `/images/${repository}/push`, { tag })
}

export const pushAs = async (client: EngineClient, name: string, other: string): Promise<void> => {
  await tagImage(client, name, other)
  await push(client, other)
}

export const pull = (client: EngineClient, name: string): Promise<void> => {
  const { repository, tag = 'latest' } = splitTag(name)
  return transfer(client, '/images/create', { fromImage: repository, tag })
}

export const load = async (client: EngineClient, archive: AsyncIterable<Uint8Array>): Promise<void> =>
  finish(await loadImages(client, archive, { quiet: true }))

/** To nowhere: what is measured is the engine, not the disk under the archive. */
export const save = async (client: EngineClient, name: string): Promise<void> =>
  pipeline(await saveImages(client, [name]), createWriteStream('/dev/null'))

export const importTar = async (client: EngineClient, name: string, tar: AsyncIterable<Uint8Array>): Promise<void> => {
  const { repository, tag = 'latest' } = splitTag(name)
  await finish(await importImage(client, tar, { repository, tag }))
}
