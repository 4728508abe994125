import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { startRegistry } from '@slipway/registry'
import { populateMetadata, tagOf } from './populate.ts'
import { ask, connect, smallImage } from './push.ts'

test('a registry serves the manifests and tags that its metadata was filled with', async () => {
  const dataRoot = await mkdtemp(join(tmpdir(), 'slipway-populate-'))
  try {
    const { signal } = new AbortController()
    await populateMetadata(dataRoot, { repository: 'bench/full', manifests: 25, signal })
    await using registry = await startRegistry({ dataRoot, listen: { host: '127.0.0.1', port: 0 } })
    using to = connect(registry.address, 1)
    const { body: tags } = await ask(to, `/v2/bench/full/tags/list?n=10&last=${tagOf(19)}`, 200)
    assert.deepEqual(JSON.parse(tags.toString()).tags, [20, 21, 22, 23, 24].map(tagOf))
    const { body: manifest } = await ask(to, `/v2/bench/full/manifests/${tagOf(24)}`, 200)
    assert.ok(manifest.equals(smallImage(9).manifest))
    // A blob of the last manifest: its row is there, its bytes are not.
    await ask(to, `/v2/bench/full/blobs/sha256:${(249).toString(16).padStart(64, '0')}`, 200, { method: 'HEAD' })
  } finally {
    await rm(dataRoot, { recursive: true, force: true })
  }
})
