import type { BuiltTarget } from '@slipway/build'
import {
  type Descriptor,
  type Digest,
  familiarName,
  formatReference,
  type ImageConfig,
  invalid,
  messageOf,
  type Reference,
  SlipwayError,
} from '@slipway/core'
import { pushImageAs } from '../../../images/push.ts'
import type { Image } from '../../../images/store.ts'
import { sessionLogins } from '../logins.ts'
import type { ProgressStep } from '../progress.ts'
import { type ImageForm, readFlag, readForm } from './attributes.ts'
import { answerOf, asStep, type ExporterKind, type ExportParts, namesOf, showNames } from './exporter.ts'
import { type FormedImage, formImage } from './manifest.ts'

interface Wishes {
  readonly names: readonly Reference[]
  readonly form: ImageForm
  readonly push: boolean
  readonly byDigest: boolean
  readonly insecure: boolean
  /** It stays here. */
  readonly store: boolean
}

/**
 * What is said with `type=image` and `type=registry`. An image here is always unpacked, and one without a name has none:
 * `unpack` and `dangling-name-prefix` say nothing; its name with a digest (`name-canonical`) it gets from a push.
 */
const readWishes = (attrs: ReadonlyMap<string, string>): Wishes => {
  const form = readForm(attrs)
  const names = namesOf(attrs)
  readFlag(attrs, 'name-canonical')
  const wishes = {
    names,
    form,
    push: readFlag(attrs, 'push'),
    byDigest: readFlag(attrs, 'push-by-digest'),
    insecure: readFlag(attrs, 'registry.insecure'),
    store: readFlag(attrs, 'store', true),
  }
  if (wishes.push && names.length === 0) throw invalid('tag is needed when pushing to registry')
  return wishes
}

interface Pushing {
  readonly image: Image
  readonly wishes: Wishes
  readonly step: ProgressStep
}

const form = async (
  { images, signal }: ExportParts,
  config: ImageConfig,
  wishes: Wishes,
  lease: Parameters<typeof formImage>[3]['lease'],
): Promise<FormedImage> => {
  const { layers, types = 'oci' } = wishes.form
  const formed = await formImage(images, config, { ...wishes.form, types }, { lease, signal })
  const { mediaType, digest, size } = formed.descriptor
  // So that every later push sends the same: of what is made for once there is nothing to send then.
  if (layers.level === undefined && layers.compression !== 'none') {
    await images.store.rememberManifest(formed.id, { mediaType, digest, size })
  }
  return formed
}

/** Pushes one name. Returns what it stands for there. */
const push = async (name: Reference, parts: ExportParts, { image, wishes, step }: Pushing): Promise<Descriptor> => {
  const { images, session, signal } = parts
  const { tag: _, ...untagged } = name
  const reference = wishes.byDigest ? untagged : name
  const layers = step.part('pushing layers')
  const credentials = await sessionLogins(await session())(reference.registry, signal)
  const options = { reference, signal, ...(credentials === undefined ? {} : { credentials }) }
  const { isAsked } = wishes.form
  const pushed = await pushImageAs(images, image, options, {
    insecure: wishes.insecure,
    ...(isAsked ? { outgoing: ({ lease }) => form(parts, image.config, wishes, lease) } : {}),
  }).catch((error: unknown) => {
    signal.throwIfAborted()
    throw new SlipwayError('unavailable', `failed to push ${formatReference(reference)}: ${messageOf(error)}`, {
      cause: error,
    })
  })
  layers.finish()
  step.part(`pushing manifest for ${formatReference(reference)}@${pushed.digest}`).finish()
  return pushed
}

const pushAll = async (id: Digest, parts: ExportParts, wishes: Wishes, step: ProgressStep) => {
  const image = await parts.images.store.resolve(id)
  let pushed: Descriptor | undefined
  for (const name of wishes.names) pushed = await push(name, parts, { image, wishes, step })
  return pushed
}

/** It was only on its way through; who has named it meanwhile keeps it. */
const letGo = async ({ images: { store } }: ExportParts, id: Digest): Promise<void> => {
  const image = await store.get(id)
  if (image?.references.length === 0 && store.inUse(id).length === 0) await store.forget(id)
}

const run = async (built: BuiltTarget, parts: ExportParts, wishes: Wishes, step: ProgressStep) => {
  const { store } = parts.images
  const names = wishes.store ? wishes.names : []
  const before = new Set((await store.list()).map((image) => image.id))
  const layers = step.part('exporting layers')
  const id = await built.save()
  layers.finish()
  step.part(`writing image ${id}`).finish()
  for (const name of names) {
    const part = step.part(`naming to ${formatReference(name)}`)
    await parts.worker.images.tag(familiarName(name), id)
    part.finish()
  }
  try {
    if (wishes.push) return { id, descriptor: await pushAll(id, parts, wishes, step) }
    if (!wishes.form.isAsked) return { id }
    await using lease = store.leases.take('export')
    const { descriptor } = await form(parts, (await store.resolve(id)).config, wishes, lease)
    step.part(`exporting manifest ${descriptor.digest}`).finish()
    return { id, descriptor }
  } finally {
    if (!wishes.store && !before.has(id)) await letGo(parts, id)
  }
}

/** Into the engine's own store, where nothing has to be copied; from there to registries. */
export const imageExporter: ExporterKind = ({ attrs }) => {
  const wishes = readWishes(attrs)
  return (built, parts) =>
    asStep(parts.progress, 'exporting to image', async (step) => {
      const { id, descriptor } = await run(built, parts, wishes, step)
      if (descriptor !== undefined) return answerOf({ id, descriptor }, wishes.names)
      return new Map([
        ['containerimage.config.digest', id],
        ['containerimage.digest', id],
        ...(wishes.names.length === 0 ? [] : [['image.name', showNames(wishes.names)] as const]),
      ])
    })
}
