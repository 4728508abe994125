import { createHash, randomBytes } from 'node:crypto'
import type { control } from '@slipway/buildkit/client'
import { messageOf, type ProgressMessage, pushImage, SlipwayError, splitTag } from '@slipway/client'
import type { Session } from '../command.ts'
import { findCredentials, serverOfImage } from '../config/credentials.ts'
import { Exit } from '../exit.ts'

type Status = control.StatusMessage
type Stamp = NonNullable<Status['vertexes'][number]['started']>

const now = (): Stamp => {
  const ms = Date.now()
  return { seconds: Math.trunc(ms / 1000), nanos: (ms % 1000) * 1e6 }
}

const nothing: Status = { vertexes: [], statuses: [], logs: [], warnings: [] }
const finished: ReadonlySet<string> = new Set(['Pushed', 'Layer already exists'])

/** A step that no engine tells of: made up here, to be shown with the others. */
class PushStep {
  readonly #vertex: Pick<Status['vertexes'][number], 'digest' | 'inputs' | 'name' | 'cached' | 'progressGroup'>
  readonly #began = now()
  readonly #layers = new Map<string, Stamp>()

  constructor(name: string) {
    const digest = `sha256:${createHash('sha256').update(randomBytes(16)).digest('hex')}`
    this.#vertex = { digest, inputs: [], name: `pushing ${name} with docker`, cached: false, progressGroup: undefined }
  }

  begun(): Status {
    return { ...nothing, vertexes: [{ ...this.#vertex, started: this.#began, completed: undefined, error: '' }] }
  }

  ended(error = ''): Status {
    return { ...nothing, vertexes: [{ ...this.#vertex, started: this.#began, completed: now(), error }] }
  }

  /** undefined: the message is about no layer. */
  layer({ id, status = '', progressDetail: { current = 0, total = 0 } = {} }: ProgressMessage): Status | undefined {
    if (id === undefined || /^The push refers/.test(status)) return undefined
    const started = this.#layers.get(id) ?? now()
    this.#layers.set(id, started)
    const completed = finished.has(status) ? now() : undefined
    const name = `pushing layer ${id}`
    const at = { timestamp: now(), started, completed }
    return { ...nothing, statuses: [{ id: name, vertex: this.#vertex.digest, name, current, total, ...at }] }
  }
}

/**
 * Pushes what was built, with an engine that doesn't do it itself at the end of a build. Tells what happens as a build's
 * steps, and in the end the last manifest's digest. Throws Exit.
 */
export async function* pushBuilt(
  session: Session,
  names: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<Status, string | undefined> {
  const client = await session.client()
  let digest: string | undefined
  for (const name of names) {
    const step = new PushStep(name)
    yield step.begun()
    try {
      const auth = (await findCredentials(await session.config(), serverOfImage(name))) ?? {}
      const tagged = splitTag(name).tag === undefined ? `${name}:latest` : name
      for await (const message of await pushImage(client, tagged, { auth, signal })) {
        if (message.error !== undefined) throw new SlipwayError('internal', message.error)
        digest = (message.aux as { readonly Digest?: string } | undefined)?.Digest ?? digest
        const layer = step.layer(message)
        if (layer !== undefined) yield layer
      }
    } catch (error) {
      yield step.ended(messageOf(error))
      throw signal.aborted ? error : new Exit(1, `ERROR: failed to build: ${messageOf(error)}`, { cause: error })
    }
    yield step.ended()
  }
  return digest
}
