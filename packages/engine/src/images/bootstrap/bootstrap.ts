import { invalid, parseReference, withDefaultTag } from '@slipway/core'
import { importImage } from '../import.ts'
import type { Report } from '../progress.ts'
import type { ImageRoom } from '../room.ts'
import type { Image } from '../store.ts'
import type { Base, BaseRequest } from './base.ts'
import { busyboxBase } from './busybox.ts'
import { debianBase } from './debian.ts'

/** What base images can be made of: the distribution's own packages on this machine. */
const bases: Readonly<Record<string, (request: BaseRequest) => Promise<Base>>> = {
  busybox: busyboxBase,
  debian: debianBase,
}

export interface BootstrapRequest {
  /** `busybox`, `debian:bookworm`. */
  readonly name: string
  readonly report: Report
  readonly signal?: AbortSignal
}

/**
 * Makes a base image without any registry. The same versions of the packages give the same image, to the last byte. Throws
 * invalid for a name it knows no recipe for.
 */
export const bootstrapImage = async (room: ImageRoom, { name, report, signal }: BootstrapRequest): Promise<Image> => {
  const reference = withDefaultTag(parseReference(name))
  const recipe = bases[reference.repository.replace(/^library\//, '')]
  if (recipe === undefined || reference.registry !== 'docker.io' || reference.tag === undefined) {
    throw invalid(`there is no recipe for ${name}: ${Object.keys(bases).join(', ')} can be made`)
  }
  const base = await recipe({ tag: reference.tag, report, ...(signal ? { signal } : {}) })
  const { tar, config, createdAt, message } = base
  const image = await importImage(room, {
    tar,
    config,
    createdAt,
    message,
    reference,
    changes: [],
    ...(signal ? { signal } : {}),
  })
  report({ status: image.id })
  return image
}
