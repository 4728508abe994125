import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Digest, parseReference } from '@slipway/core'
import { parseFilters } from '../filters.ts'
import { pruneFilters, pruneImages } from './prune.ts'
import { removeImage } from './remove.ts'
import type { Image } from './store.ts'
import { type Harbour, openHarbour, seedImage } from './testing/harbour.ts'

const plain = { force: false, noPrune: false }
const forced = { force: true, noPrune: false }
const web = parseReference('user/web:v1')
const other = parseReference('user/other:v1')
const short = (id: string): string => id.replace('sha256:', '').slice(0, 12)
const running = { id: 'c'.repeat(64), running: true }
const stopped = { id: 'd'.repeat(64), running: false }

/** The image of a further build step. */
const childOf = async ({ room }: Harbour, parent: Image, author: string): Promise<Image> => {
  await using lease = room.store.leases.take('test')
  return room.store.create({ config: { ...parent.config, author }, parent: parent.id, lease })
}

test('the last name takes the image with it, its blobs and its layers', async () => {
  await using harbour = await openHarbour()
  const { room } = harbour
  const image = await seedImage(harbour, web)
  await room.store.tag(other, image.id)
  assert.deepEqual(await removeImage(room, 'user/web:v1', plain), [{ Untagged: 'user/web:v1' }])
  assert.deepEqual(await removeImage(room, 'user/other:v1', plain), [
    { Untagged: 'user/other:v1' },
    { Deleted: image.id },
    { Deleted: image.chainId },
  ])
  assert.deepEqual(await Array.fromAsync(room.store.content.list()), [])
  await assert.rejects(removeImage(room, 'user/web:v1', plain), { code: 'not-found' })
  const actions = harbour.events.recent().map(({ action }) => action)
  assert.deepEqual(actions, ['tag', 'import', 'tag', 'untag', 'untag', 'delete'])
})

test('with its last tag go the digests of the same repository', async () => {
  await using harbour = await openHarbour()
  const { room } = harbour
  const image = await seedImage(harbour, web)
  const digest = `sha256:${'a'.repeat(64)}` as Digest
  await room.store.name({ ...web, digest }, image.id)
  assert.deepEqual((await removeImage(room, 'user/web:v1', plain)).slice(0, 3), [
    { Untagged: 'user/web:v1' },
    { Untagged: `user/web@${digest}` },
    { Deleted: image.id },
  ])
})

test('by id, several repositories must be forced', async () => {
  await using harbour = await openHarbour()
  const { room } = harbour
  const image = await seedImage(harbour, web)
  await room.store.tag(other, image.id)
  await assert.rejects(removeImage(room, short(image.id), plain), {
    code: 'conflict',
    message: `conflict: unable to delete ${short(image.id)} (must be forced) - image is referenced in multiple repositories`,
  })
  const removed = await removeImage(room, short(image.id), forced)
  assert.deepEqual(removed.slice(0, 3), [
    { Untagged: 'user/other:v1' },
    { Untagged: 'user/web:v1' },
    { Deleted: image.id },
  ])
})

test('by id, one tag goes without force', async () => {
  await using harbour = await openHarbour()
  const image = await seedImage(harbour, web)
  const removed = await removeImage(harbour.room, image.id, plain)
  assert.deepEqual(removed.slice(0, 2), [{ Untagged: 'user/web:v1' }, { Deleted: image.id }])
})

test('what a container uses stays; force takes the name, and the image unless the container runs', async () => {
  await using harbour = await openHarbour()
  const { room, users } = harbour
  const image = await seedImage(harbour, web)
  users.set(image.id, [stopped])
  await assert.rejects(removeImage(room, 'user/web:v1', plain), {
    code: 'conflict',
    message: `conflict: unable to remove repository reference "user/web:v1" (must force) - container ${short(stopped.id)} is using its referenced image ${short(image.id)}`,
  })
  await assert.rejects(removeImage(room, image.id, plain), {
    message: `conflict: unable to delete ${short(image.id)} (must be forced) - image is being used by stopped container ${short(stopped.id)}`,
  })
  users.set(image.id, [running])
  await assert.rejects(removeImage(room, image.id, forced), {
    message: `conflict: unable to delete ${short(image.id)} (cannot be forced) - image is being used by running container ${short(running.id)}`,
  })
  assert.deepEqual(await removeImage(room, 'user/web:v1', forced), [{ Untagged: 'user/web:v1' }])
  users.set(image.id, [stopped])
  assert.deepEqual((await removeImage(room, image.id, forced))[0], { Deleted: image.id })
})

test('an image that others were built on stays, and nameless parents go with the last child', async () => {
  await using harbour = await openHarbour()
  const { room } = harbour
  const base = await seedImage(harbour, undefined)
  const step = await childOf(harbour, base, 'one')
  const last = await childOf(harbour, step, 'two')
  await room.store.tag(web, last.id)
  await assert.rejects(removeImage(room, base.id, forced), {
    message: `conflict: unable to delete ${short(base.id)} (cannot be forced) - image has dependent child images`,
  })
  assert.deepEqual(await removeImage(room, 'user/web:v1', plain), [
    { Untagged: 'user/web:v1' },
    { Deleted: last.id },
    { Deleted: step.id },
    { Deleted: base.id },
    { Deleted: base.chainId },
  ])
})

test('with noprune the images of the steps before stay', async () => {
  await using harbour = await openHarbour()
  const { room } = harbour
  const base = await seedImage(harbour, undefined)
  const last = await childOf(harbour, base, 'one')
  await room.store.tag(web, last.id)
  await removeImage(room, 'user/web:v1', { force: false, noPrune: true })
  assert.deepEqual(
    (await room.store.list()).map(({ id }) => id),
    [base.id],
  )
})

test('prune takes nameless images, or all that no container uses', async () => {
  await using harbour = await openHarbour()
  const { room, users } = harbour
  const dangling = await seedImage(harbour, undefined, { a: '1' })
  const named = await seedImage(harbour, web, { b: '2' })
  const used = await seedImage(harbour, other, { c: '3' })
  users.set(used.id, [stopped])
  const first = await pruneImages(room, new Map())
  assert.deepEqual(first.ImagesDeleted, [{ Deleted: dangling.id }, { Deleted: dangling.chainId }])
  assert.ok(first.SpaceReclaimed > 0)
  const second = await pruneImages(room, parseFilters('{"dangling":["false"]}', pruneFilters))
  assert.deepEqual(second.ImagesDeleted, [
    { Untagged: 'user/web:v1' },
    { Deleted: named.id },
    { Deleted: named.chainId },
  ])
  assert.deepEqual(await pruneImages(room, new Map()), { ImagesDeleted: null, SpaceReclaimed: 0 })
})
