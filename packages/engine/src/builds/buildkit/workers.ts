import { keptFor } from '@slipway/build'
import type { WorkerRecord } from '@slipway/buildkit'
import { hostPlatform } from '@slipway/core'
import { productVersion } from '../../system/version.ts'

/** Clients compare it with what they need; the features offered here are those of this version of BuildKit. */
export const buildkitVersion = {
  package: 'github.com/moby/buildkit',
  version: 'v0.25.1',
  revision: `slipway-${productVersion}`,
}

/** The one worker there is. */
export const workerRecord = (id: string): WorkerRecord => {
  const { os, architecture, variant = '' } = hostPlatform()
  return {
    id,
    labels: new Map([
      ['org.mobyproject.buildkit.worker.executor', 'slipway'],
      // Its presence tells the client that images may leave as OCI archives and to registries.
      ['org.mobyproject.buildkit.worker.snapshotter', 'overlayfs'],
      ['org.mobyproject.buildkit.worker.moby.host-gateway-ip', ''],
    ]),
    platforms: [{ os, architecture, variant, osVersion: '' }],
    // What the collector goes by: everything that wasn't used for so long, in nanoseconds, however much there is of it.
    gcPolicy: [
      { all: true, keepDuration: keptFor * 1e6, reservedSpace: 0, filters: [], maxUsedSpace: 0, minFreeSpace: 0 },
    ],
    version: buildkitVersion,
  }
}
