import type { WorkerRecord } from '@slipway/buildkit'
import { hostPlatform } from '@slipway/core'
import { productVersion } from '../../system/version.ts'
import { cacheRules } from '../cache-policy.ts'
import type { BuildKit } from './room.ts'

/** Clients compare it with what they need; the features offered here are those of this version of BuildKit. */
export const buildkitVersion = {
  package: 'github.com/moby/buildkit',
  version: 'v0.25.1',
  revision: `slipway-${productVersion}`,
}

/** The one worker there is. */
export const workerRecord = async ({ workerId: id, worker, hostGateway }: BuildKit): Promise<WorkerRecord> => {
  const { os, architecture, variant = '' } = hostPlatform()
  const gateway = hostGateway()
  return {
    id,
    labels: new Map([
      ['org.mobyproject.buildkit.worker.executor', 'slipway'],
      // Its presence tells the client that images may leave as OCI archives and to registries.
      ['org.mobyproject.buildkit.worker.snapshotter', 'overlayfs'],
      ...(gateway ? [['org.mobyproject.buildkit.worker.moby.host-gateway-ip', gateway] as const] : []),
    ]),
    platforms: [{ os, architecture, variant, osVersion: '' }],
    // What the collector goes by; a duration is in nanoseconds.
    gcPolicy: (await cacheRules(worker.scratch)).map(({ keepDuration = 0, ...sizes }) => ({
      all: true,
      keepDuration: keepDuration * 1e6,
      filters: [],
      reservedSpace: sizes.reservedSpace ?? 0,
      maxUsedSpace: sizes.maxUsedSpace ?? 0,
      minFreeSpace: sizes.minFreeSpace ?? 0,
    })),
    version: buildkitVersion,
  }
}
