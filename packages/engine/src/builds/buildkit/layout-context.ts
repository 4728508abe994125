import { Readable } from 'node:stream'
import type { NamedContext } from '@slipway/build'
import { type ClientSession, contentSize, readContent } from '@slipway/buildkit'
import {
  type Descriptor,
  type Digest,
  hostPlatform,
  type ImageConfig,
  type ImageSource,
  invalid,
  isDigest,
  mediaTypes,
  parseReference,
} from '@slipway/core'
import { readSmall } from '@slipway/transfer'
import { fetchToBuildOn } from '../../images/fetch.ts'
import type { FrontendParts } from './frontend.ts'

/** `//store:tag@digest`: the client has looked the tag up already, and serves the layout's blobs as one of its stores. */
const readAddress = (address: string): { readonly store: string; readonly digest: Digest } => {
  const [, store, , digest] = /^\/\/([\w.-]+)(:[\w.-]+)?(?:@(.*))?$/.exec(address) ?? []
  if (store === undefined)
    throw invalid(`could not parse oci-layout reference ${JSON.stringify(address.slice(0, 300))}`)
  if (digest === undefined || !isDigest(digest)) {
    throw invalid(`oci-layout reference ${JSON.stringify(address.slice(0, 300))} has no digest`)
  }
  return { store, digest }
}

const sourceOf = (session: ClientSession, store: string, signal: AbortSignal) =>
  ({
    async resolve(): Promise<never> {
      throw invalid('a layout is asked for digests alone')
    },
    async fetch({ digest, size }: Descriptor, { start, end = size } = { start: 0, end: size }) {
      return Readable.from(readContent(session, store, { digest, range: { start, end } }, signal), {
        objectMode: false,
      })
    },
  }) satisfies ImageSource

/** What the digest stands for: nobody has said its kind, so its text does. */
const describeRoot = async (from: ImageSource, digest: Digest, size: number): Promise<Descriptor> => {
  const unknown = { mediaType: 'application/octet-stream', digest, size }
  const bytes = await readSmall(from, unknown)
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'))
    const { mediaType, manifests } = value as { readonly mediaType?: unknown; readonly manifests?: unknown }
    const kind = manifests === undefined ? mediaTypes.ociManifest : mediaTypes.ociIndex
    return { ...unknown, mediaType: typeof mediaType === 'string' ? mediaType : kind }
  } catch (error) {
    throw invalid(`${digest} is neither a manifest nor an index`, error)
  }
}

interface Layout {
  /** As the client calls its store. */
  readonly store: string
  readonly digest: Digest
  /** How the step is shown. */
  readonly label: string
}

/**
 * An image in a directory of the client's. Its layers are fetched over the session, unless they are here, and held until the
 * build is over. Shown as a step. Throws not-found, and invalid for blobs that aren't what their digest says.
 */
export const fetchLayout = async (
  { store, digest, label }: Layout,
  parts: Pick<FrontendParts, 'session' | 'images' | 'worker' | 'job' | 'signal'>,
): Promise<ImageConfig> => {
  const { session, images, worker, job, signal } = parts
  const step = job.progress.step(label).start()
  try {
    const source = sourceOf(session, store, signal)
    const root = await describeRoot(source, digest, await contentSize(session, store, digest, signal))
    const lease = job.use(worker.leases.take('build'))
    const reference = { ...parseReference(`oci-layout/${digest.slice(-12)}`), tag: 'latest' }
    const config = await fetchToBuildOn(images, source, { reference, root, platform: hostPlatform(), lease, signal })
    step.finish()
    return config
  } catch (error) {
    step.finish({ error })
    throw error
  }
}

/** `--build-context name=oci-layout://…`. */
export const layoutContext = async (address: string, name: string, parts: FrontendParts): Promise<NamedContext> => {
  const { store, digest } = readAddress(address)
  const label = `[context ${name}] load oci-layout ${digest}`
  return { kind: 'built', config: await fetchLayout({ store: `oci:${store}`, digest, label }, parts) }
}
