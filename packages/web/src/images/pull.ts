import type { ProgressMessage } from '@slipway/client'
import { readLines } from '../calls/ask.ts'
import { askEngine } from '../engine/calls.ts'

/** `127.0.0.1:5000/web` and `web` → with `latest`; a digest or a tag stays. */
const withTag = (name: string): string => (/(@[^/]+|:[^/:]+)$/.test(name) ? name : `${name}:latest`)

/** Pulls an image and tells what the engine says on the way. Throws with the engine's words. */
export const pullImage = async (name: string, onMessage: (message: ProgressMessage) => void): Promise<void> => {
  const response = await askEngine('/images/create', { method: 'POST', query: { fromImage: withTag(name) } })
  for await (const message of readLines<ProgressMessage>(response)) {
    if (message.error !== undefined) throw new Error(message.error)
    onMessage(message)
  }
}
