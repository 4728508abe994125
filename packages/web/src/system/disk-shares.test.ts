import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DiskUsage } from '@slipway/client'
import { sharesOf } from './disk-shares.ts'

const usage = {
  LayersSize: 1000,
  Images: [
    { RepoTags: ['web:latest'], Size: 700, SharedSize: 200, Containers: 0 },
    { RepoTags: [], Size: 500, SharedSize: 200, Containers: 0 },
    { RepoTags: null, Size: 90, SharedSize: 0, Containers: 1 },
  ],
  Containers: [
    { State: 'running', SizeRw: 10 },
    { State: 'exited', SizeRw: 5 },
  ],
  Volumes: [
    { Labels: { 'com.docker.volume.anonymous': '' }, UsageData: { Size: 7, RefCount: 0 } },
    { Labels: { 'com.docker.volume.anonymous': '' }, UsageData: { Size: 8, RefCount: 1 } },
    { Labels: null, UsageData: { Size: 9, RefCount: 0 } },
  ],
  BuildCache: [
    { Size: 3, InUse: false, Shared: false },
    { Size: 4, InUse: true, Shared: false },
  ],
} as unknown as DiskUsage

test('sharesOf() says what a prune would free, and no more', () => {
  assert.deepEqual(
    sharesOf(usage).map(({ name, size, reclaimable }) => [name, size, reclaimable]),
    [
      ['images', 1000, 300],
      ['containers', 15, 5],
      ['volumes', 24, 7],
      ['cache', 7, 3],
    ],
  )
})
