import { addAbortSignal } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Bytes,
  type CanMount,
  type CopyOptions,
  type CopyProgress,
  type Descriptor,
  hasCode,
  type ImageSource,
  type ImageTarget,
} from '@slipway/core'

export interface Passage {
  readonly from: ImageSource
  readonly to: ImageTarget
  readonly options: CopyOptions
  /** Aborted by the caller, and when another part of the same copy has failed. */
  readonly signal: AbortSignal
}

const attempts = 3
const firstDelay = 500

const canMount = (target: ImageTarget): target is ImageTarget & CanMount => 'mount' in target

async function* counted(bytes: Bytes, onBytes: (moved: number) => void): AsyncGenerator<Uint8Array> {
  let moved = 0
  for await (const chunk of bytes) {
    moved += chunk.length
    onBytes(moved)
    yield chunk
  }
}

const tryMount = async ({ to, options }: Passage, descriptor: Descriptor): Promise<boolean> => {
  const sister = options.mountFrom?.(descriptor)
  return sister !== undefined && canMount(to) && (await to.mount(descriptor, sister))
}

const move = async ({ from, to, options, signal }: Passage, descriptor: Descriptor): Promise<void> => {
  const stream = addAbortSignal(signal, await from.fetch(descriptor))
  // Aborted before anyone reads it, its error would have no one to go to.
  stream.on('error', () => {})
  try {
    await to.push(
      descriptor,
      counted(stream, (bytes) => options.onProgress?.({ descriptor, state: 'copying', bytes })),
    )
  } finally {
    stream.destroy()
  }
}

/** One blob, unless it is there. A target that was cut off is given a fresh stream: only here the source is at hand. */
export const copyBlob = async (passage: Passage, descriptor: Descriptor): Promise<void> => {
  const { to, options, signal } = passage
  const report = (state: CopyProgress['state'], bytes: number): void =>
    options.onProgress?.({ descriptor, state, bytes })
  if (options.skip?.(descriptor) === true) return report('skipped', 0)
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted()
    try {
      if (await to.has(descriptor)) return report('exists', 0)
      if (await tryMount(passage, descriptor)) return report('mounted', 0)
      await move(passage, descriptor)
      return report('done', descriptor.size)
    } catch (error) {
      signal.throwIfAborted()
      if (attempt === attempts || !hasCode(error, 'unavailable')) throw error
      await sleep(firstDelay * 3 ** (attempt - 1), undefined, { signal })
    }
  }
}
