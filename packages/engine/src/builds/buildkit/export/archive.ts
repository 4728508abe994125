import { PassThrough } from 'node:stream'
import { sendBytes } from '@slipway/buildkit'
import { digestOf, SlipwayError } from '@slipway/core'
import { writeImages } from '../../../images/archive/save.ts'
import { asStep, type Exporter, namesOf, showNames } from './exporter.ts'

/** To the client as a tar, which is an OCI layout and docker's own format at once (`type=oci`, `type=docker`). */
export const exportArchive: Exporter = (built, attrs, parts) =>
  asStep(parts.progress, `exporting to ${parts.type} image format`, async (step) => {
    if (attrs.get('tar') === 'false')
      throw new SlipwayError('unsupported', 'exporting an OCI directory is not supported')
    const { store } = parts.images
    const names = namesOf(attrs)
    const expected = digestOf(JSON.stringify(built.config))
    const wasThere = (await store.get(expected)) !== undefined
    const id = await built.save()
    const part = step.part('sending tarball')
    try {
      const image = await store.resolve(id)
      const out = new PassThrough()
      const sent = sendBytes(await parts.session(), out as AsyncIterable<Uint8Array>, {
        exporter: parts.number,
        signal: parts.signal,
      })
      const written = writeImages(parts.images, [{ image, references: names }], parts.signal, () => out)
      written.catch((error: Error) => out.destroy(error))
      await Promise.all([sent, written])
    } finally {
      // It was only on its way through; who has named it meanwhile keeps it.
      const image = wasThere ? undefined : await store.get(id)
      if (image?.references.length === 0 && store.inUse(id).length === 0) await store.forget(id)
    }
    part.finish()
    return new Map([
      ['containerimage.config.digest', id],
      ['containerimage.digest', id],
      ...(names.length === 0 ? [] : [['image.name', showNames(names)] as const]),
    ])
  })
