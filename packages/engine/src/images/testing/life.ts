import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { hasCode, parseReference } from '@slipway/core'
import { loadImages } from '../archive/load.ts'
import { saveImages } from '../archive/save.ts'
import { removeImage } from '../remove.ts'
import { type Harbour, seedImage } from './harbour.ts'

const { signal } = new AbortController()

export const saved = async ({ room }: Harbour, names: readonly string[]): Promise<Buffer> => {
  const out = new PassThrough()
  const bytes = buffer(out)
  await saveImages(room, { names, signal }, () => out)
  return bytes
}

const load = ({ room, report }: Harbour, archive: Buffer): Promise<void> =>
  loadImages(room, { tar: Readable.from([archive], { objectMode: false }), quiet: true, report, signal })

/** What others may have done meanwhile is no fault: the image is gone, or came back. */
const unless = async (body: Promise<unknown>): Promise<void> => {
  try {
    await body
  } catch (error) {
    if (!hasCode(error, 'not-found') && !hasCode(error, 'conflict')) throw error
  }
}

const remove = ({ room }: Harbour, name: string) => removeImage(room, name, { force: true, noPrune: false })

/** One after the other, over and over, by several at once: whatever touches images. */
export const deeds: readonly ((harbour: Harbour, archive: Buffer, turn: number) => Promise<unknown>)[] = [
  (harbour, archive) => load(harbour, archive),
  (harbour) => unless(remove(harbour, 'one:1')),
  (harbour, _archive, turn) => seedImage(harbour, parseReference(`made:${turn}`), { shared: 'x', own: String(turn) }),
  (harbour, _archive, turn) => unless(remove(harbour, `made:${turn - 1}`)),
  (harbour) => unless(saved(harbour, ['two:2'])),
  (harbour) => harbour.room.collector.collect(),
]
