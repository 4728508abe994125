import { PassThrough } from 'node:stream'
import { type ClientSession, sendBytes } from '@slipway/buildkit'
import { type Descriptor, type ImageTarget, invalid, messageOf, type Reference } from '@slipway/core'
import { copyImage } from '@slipway/transfer'
import { ArchiveWriter } from '../../../images/archive/write.ts'
import { localSource } from '../../../images/outgoing.ts'
import { readFlag, readForm } from './attributes.ts'
import { answerOf, asStep, type ExporterKind, type ExportParts, namesOf } from './exporter.ts'
import { layoutOf } from './layout.ts'
import { type FormedImage, formImage } from './manifest.ts'

/** Stands for no name. */
const unnamed: Reference = { registry: '', repository: '' }

const copy = (image: FormedImage, to: ImageTarget, { images: { store }, signal }: ExportParts): Promise<Descriptor> => {
  const { mediaType, digest, size } = image.descriptor
  const from = { ...localSource(store), resolve: async () => ({ mediaType, digest, size }) }
  return copyImage(from, unnamed, to, unnamed, { concurrency: 1, signal })
}

/** As one tar: OCI's layout, and for docker its own format as well. */
const sendTar = async (
  image: FormedImage,
  names: readonly Reference[],
  session: ClientSession,
  parts: ExportParts,
): Promise<void> => {
  const { signal, number, type } = parts
  const out = new PassThrough()
  const sent = sendBytes(session, out as AsyncIterable<Uint8Array>, { exporter: number, signal })
  const write = async (): Promise<void> => {
    const archive = new ArchiveWriter(out, signal, { isLayoutOnly: type === 'oci' })
    archive.add(image.descriptor, image.manifest)
    await copy(image, archive, parts)
    for (const name of names) await archive.tag(name, image.descriptor)
    await archive.finish()
    out.end()
  }
  const written = write()
  written.catch((error: Error) => out.destroy(error))
  await Promise.all([sent, written])
}

const readNames = (attrs: ReadonlyMap<string, string>): readonly Reference[] => {
  try {
    return namesOf(attrs)
  } catch (error) {
    throw invalid(`failed to parse ${(attrs.get('name') ?? '').slice(0, 300)}: ${messageOf(error)}`, error)
  }
}

/** To the client: as a tar, or as a directory that is an OCI layout (`type=oci`, `type=docker`, each with `tar=false`). */
export const archiveExporter: ExporterKind = ({ type, attrs }) => {
  const form = readForm(attrs)
  const types = form.types ?? (type === 'docker' ? 'docker' : 'oci')
  const isTar = readFlag(attrs, 'tar', true)
  return (built, parts) =>
    asStep(parts.progress, `exporting to ${type} image format`, async (step) => {
      const { images, signal } = parts
      const names = readNames(attrs)
      await using lease = images.store.leases.take('export')
      const layers = step.part('exporting layers')
      const formed = formImage(images, built.config, { ...form, types }, { lease, signal })
      const image = await formed.finally(() => layers.finish())
      step.part(`exporting manifest ${image.descriptor.digest}`).finish()
      step.part(`exporting config ${image.id}`).finish()
      const session = await parts.session()
      if (isTar) {
        const part = step.part('sending tarball')
        await sendTar(image, names, session, parts)
        part.finish()
      } else await copy(image, layoutOf(session, signal), parts)
      return answerOf(image, names)
    })
}
