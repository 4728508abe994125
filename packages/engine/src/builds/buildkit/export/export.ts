import type { BuiltTarget } from '@slipway/build'
import { SlipwayError } from '@slipway/core'
import { exportArchive } from './archive.ts'
import type { Exporter, ExportParts, ExportRequest } from './exporter.ts'
import { exportDirectory, exportTar } from './files.ts'
import { exportImage } from './image.ts'

/** By the names that clients have for them (`--output type=…`). */
const exporters: Readonly<Record<string, Exporter>> = {
  moby: exportImage,
  image: exportImage,
  local: exportDirectory,
  tar: exportTar,
  oci: exportArchive,
  docker: exportArchive,
}

/** Hands a result to everyone who is to have it. Returns what clients are told: digests and names. */
export const exportResult = async (
  built: BuiltTarget,
  requests: readonly ExportRequest[],
  parts: Omit<ExportParts, 'number' | 'type'>,
): Promise<ReadonlyMap<string, string>> => {
  const answers = new Map<string, string>()
  for (const [number, { type, attrs }] of requests.entries()) {
    const exporter = Object.hasOwn(exporters, type) ? exporters[type] : undefined
    if (exporter === undefined)
      throw new SlipwayError('unsupported', `exporter ${JSON.stringify(type)} could not be found`)
    for (const [name, value] of await exporter(built, attrs, { ...parts, number, type })) answers.set(name, value)
  }
  return answers
}
