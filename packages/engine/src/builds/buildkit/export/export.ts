import type { BuiltTarget } from '@slipway/build'
import { SlipwayError } from '@slipway/core'
import { archiveExporter } from './archive.ts'
import type { Exporter, ExporterKind, ExportParts, ExportRequest } from './exporter.ts'
import { exportDirectory, exportTar } from './files.ts'
import { imageExporter } from './image.ts'

/** By the names that clients have for them (`--output type=…`). */
const exporters: Readonly<Record<string, ExporterKind>> = {
  moby: imageExporter,
  image: imageExporter,
  local: () => exportDirectory,
  tar: () => exportTar,
  oci: archiveExporter,
  docker: archiveExporter,
}

/** A client's `--output`, understood. */
export interface PlannedExport {
  readonly type: string
  readonly run: Exporter
}

/** Throws invalid and unsupported for what can't be handed over as it is asked for. */
export const planExports = (requests: readonly ExportRequest[]): readonly PlannedExport[] =>
  requests.map((request) => {
    const { type } = request
    const exporter = Object.hasOwn(exporters, type) ? exporters[type] : undefined
    if (exporter === undefined) {
      throw new SlipwayError('unsupported', `exporter ${JSON.stringify(type.slice(0, 80))} could not be found`)
    }
    return { type, run: exporter(request) }
  })

/** Hands a result to everyone who is to have it. Returns what clients are told: digests and names. */
export const exportResult = async (
  built: BuiltTarget,
  planned: readonly PlannedExport[],
  parts: Omit<ExportParts, 'number' | 'type'>,
): Promise<ReadonlyMap<string, string>> => {
  const answers = new Map<string, string>()
  for (const [number, { type, run }] of planned.entries()) {
    for (const [name, value] of await run(built, { ...parts, number, type })) answers.set(name, value)
  }
  return answers
}
