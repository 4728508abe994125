import {
  type Digest,
  familiarName,
  formatReference,
  invalid,
  isDigest,
  messageOf,
  type Reference,
  SlipwayError,
} from '@slipway/core'
import type { Report } from '../../../images/progress.ts'
import { pushImage } from '../../../images/push.ts'
import { sessionLogins } from '../logins.ts'
import type { ProgressStep } from '../progress.ts'
import { asStep, type Exporter, type ExportParts, isOn, namesOf, showNames } from './exporter.ts'

/** Pushes one name; each layer is a part of the step. Returns the manifest's digest. */
const push = async (
  reference: Reference,
  { images, session, signal }: ExportParts,
  step: ProgressStep,
): Promise<Digest | undefined> => {
  let digest: Digest | undefined
  const layers = step.part('pushing layers')
  const report: Report = (message) => {
    const pushed = (message as { readonly aux?: { readonly Digest?: string } }).aux?.Digest
    if (pushed !== undefined && isDigest(pushed)) digest = pushed
  }
  const credentials = await sessionLogins(await session())(reference.registry, signal)
  const options = { reference, report, signal, ...(credentials === undefined ? {} : { credentials }) }
  await pushImage(images, options).catch((error: unknown) => {
    signal.throwIfAborted()
    throw new SlipwayError('unavailable', `failed to push ${formatReference(reference)}: ${messageOf(error)}`, {
      cause: error,
    })
  })
  layers.finish()
  step.part(`pushing manifest for ${formatReference(reference)}@${digest}`).finish()
  return digest
}

/** Into the engine's own store, where nothing has to be copied; from there to registries. */
export const exportImage: Exporter = (built, attrs, parts) =>
  asStep(parts.progress, 'exporting to image', async (step) => {
    const names = namesOf(attrs)
    if (isOn(attrs, 'push-by-digest')) throw invalid('pushing by digest, without a name, is not supported')
    if (isOn(attrs, 'push') && names.length === 0) throw invalid('tag is needed when pushing to registry')
    const layers = step.part('exporting layers')
    const id = await built.save()
    layers.finish()
    step.part(`writing image ${id}`).finish()
    let digest: Digest = id
    for (const name of names) {
      const part = step.part(`naming to ${formatReference(name)}`)
      await parts.worker.images.tag(familiarName(name), id)
      part.finish()
    }
    if (isOn(attrs, 'push')) for (const name of names) digest = (await push(name, parts, step)) ?? digest
    return new Map([
      ['containerimage.config.digest', id],
      ['containerimage.digest', digest],
      ...(names.length === 0 ? [] : [['image.name', showNames(names)] as const]),
    ])
  })
