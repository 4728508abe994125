import { invalid } from '@slipway/core'
import { packFiles } from '../context/tar-context.ts'
import { readTar } from './read-tar.ts'

const nothing = async function* () {}

/** A tar of a few texts, or other bytes, that lie in no file, by path; only their owner may read them. */
export const packTexts = (texts: Readonly<Record<string, string | Uint8Array>>): AsyncIterable<Uint8Array> =>
  packFiles(nothing(), { extra: texts })

/** The files of a small tar, by path; whatever else is in it is passed over. Throws invalid past `limit` bytes in all. */
export const readTexts = async (
  tar: AsyncIterable<Uint8Array>,
  { limit }: { readonly limit: number },
): Promise<ReadonlyMap<string, string>> => {
  const texts = new Map<string, string>()
  let left = limit
  for await (const { member, body } of readTar(tar)) {
    left -= member.size
    if (left < 0) throw invalid(`too large an archive: more than ${limit} bytes`)
    const text = Buffer.concat(await Array.fromAsync(body)).toString()
    if (member.type === 'file') texts.set(member.path, text)
  }
  return texts
}
