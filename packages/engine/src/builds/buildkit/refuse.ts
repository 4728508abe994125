import type { control } from '@slipway/buildkit'
import { SlipwayError } from '@slipway/core'
import type { ExportRequest } from './export/exporter.ts'

const refuse = (what: string): never => {
  throw new SlipwayError('unsupported', what)
}

/** What a client may allow the steps of its build (`--allow`). */
const entitlements: ReadonlySet<string> = new Set(['network.host'])
const archives: ReadonlySet<string> = new Set(['oci', 'docker'])
const compressions: ReadonlySet<string> = new Set(['gzip', 'uncompressed'])

/** An image that stays here has no annotations and no compressed layers: there docker passes over such wishes, too. */
const refuseExport = ({ type, attrs }: ExportRequest): void => {
  if (!archives.has(type) && attrs.get('push') !== 'true') return
  const annotation = [...attrs.keys()].find((name) => name.startsWith('annotation'))
  if (annotation !== undefined) refuse(`the output's ${annotation.slice(0, 200)} is not supported`)
  const compression = attrs.get('compression')
  if (compression !== undefined && !compressions.has(compression)) {
    refuse(`compression ${compression.slice(0, 80)} is not supported`)
  }
}

/** What can't be done as it is asked for is told before anything is built. Throws unsupported. */
export const refuseUnsupported = (request: control.SolveRequest, exporters: readonly ExportRequest[]): void => {
  const isExported = (request.cache?.exports ?? []).some(({ type }) => type !== 'inline')
  if (isExported) refuse('exporting the build cache is not supported')
  const entitlement = request.entitlements.find((name) => !entitlements.has(name))
  if (entitlement !== undefined) {
    refuse(`granting entitlement ${entitlement.slice(0, 80)} is not allowed by build daemon configuration`)
  }
  exporters.forEach(refuseExport)
}
