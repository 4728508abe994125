import assert from 'node:assert/strict'
import { randomBytes, randomInt } from 'node:crypto'
import { digestOf } from '@slipway/core'
import { type Answer, type Blob, blobOf, Connection, type Image, type Index, imageOf, indexOf } from './connection.ts'

/** What is kept how long in the soak, in milliseconds: as short as can be without making clients fail by being slow. */
export const soakRetention = { unreferenced: 4000, untagged: 1500, dangling: 500, trash: 1500, bytes: 0 }

/** Layers that all clients push, mount and delete: one's collection meets the other's push. */
const sharedLayers: readonly Blob[] = Array.from({ length: 24 }, (_, at) => blobOf(`layer ${at} `.repeat(200)))
export const repositories = ['soak/one', 'soak/two', 'soak/three']

const pick = <T>(list: readonly T[]): T => list[randomInt(list.length)] as T

/** What one client has under one of its tags. */
interface Held {
  readonly repository: string
  readonly tag: string
  readonly image: Image
  readonly previous?: Held
  /** When the tag was moved from `previous`. */
  readonly movedAt: number
  readonly referrers: readonly Image[]
}

/** A promise of the registry that a client came too late for; no failure. */
class TooLate extends Error {}

/**
 * One client at work. Its tags are its own, so it knows what it must find; layers it shares with all others. It asks for
 * nothing that the registry didn't promise: what was said to be here a moment ago, what a tag of its own names, and what
 * belongs to that.
 */
export class SoakClient implements Disposable {
  readonly #connection: Connection
  readonly #name: string
  readonly #held = new Map<string, Held>()
  readonly counts: Record<string, number> = {}

  constructor(address: string, name: string) {
    this.#connection = new Connection(address)
    this.#name = name
  }

  get requests(): number {
    return this.#connection.requests
  }

  /** One operation, at random. Throws on anything that a person would call a failure. */
  async step(): Promise<void> {
    const [name, perform] = pick(operations)
    try {
      await perform(this)
      this.counts[name] = (this.counts[name] ?? 0) + 1
    } catch (error) {
      if (!(error instanceof TooLate)) throw new Error(`${this.#name}: ${name} failed`, { cause: error })
      this.counts['too late'] = (this.counts['too late'] ?? 0) + 1
    }
  }

  async push(): Promise<void> {
    const [repository, tag] = [pick(repositories), `${this.#name}-${randomInt(4)}`]
    const before = this.#held.get(`${repository}:${tag}`)
    const image = await this.#pushImage(repository, this.#newBlobs(), tag)
    const movedAt = performance.now()
    this.#hold({ repository, tag, image, movedAt, referrers: [], ...(before ? { previous: before } : {}) })
    await this.#expectWhole(repository, tag, image)
  }

  /** Two images by digest, then an index that is the only thing that holds them. */
  async pushIndex(): Promise<void> {
    const [repository, tag] = [pick(repositories), `${this.#name}-index`]
    const began = performance.now()
    const children = [
      await this.#pushImage(repository, this.#newBlobs()),
      await this.#pushImage(repository, this.#newBlobs()),
    ]
    const index = indexOf(children)
    const put = await this.#connection.putManifest(repository, tag, index.text)
    this.#allow(put, 201, performance.now() - began > soakRetention.untagged)
    await this.#expectIndex(repository, tag, index)
  }

  async pull(): Promise<void> {
    const held = this.#any()
    if (held !== undefined) await this.#expectWhole(held.repository, held.tag, held.image)
  }

  async attach(): Promise<void> {
    const held = this.#any()
    if (held === undefined || held.referrers.length >= 3) return
    const artifact = await this.#pushImage(held.repository, this.#newBlobs(), undefined, held.image)
    this.#hold({ ...held, referrers: [...held.referrers, artifact] })
  }

  /** Every referrer of what a tag names is there, whole. */
  async discover(): Promise<void> {
    const held = this.#any()
    if (held === undefined) return
    const path = `/v2/${held.repository}/referrers/${held.image.digest}`
    const { manifests } = JSON.parse(this.#expect(await this.#connection.call('GET', path), 200).body.toString())
    const found = (manifests as { digest: string }[]).map(({ digest }) => digest).sort()
    assert.deepEqual(found, held.referrers.map(({ digest }) => digest).sort())
    for (const artifact of held.referrers) await this.#expectWhole(held.repository, artifact.digest, artifact)
  }

  async deleteTag(): Promise<void> {
    const held = this.#any()
    if (held === undefined) return
    this.#held.delete(`${held.repository}:${held.tag}`)
    this.#expect(await this.#connection.call('DELETE', `/v2/${held.repository}/manifests/${held.tag}`), 202)
  }

  async deleteManifest(): Promise<Held | undefined> {
    const held = this.#any()
    if (held === undefined) return undefined
    this.#held.delete(`${held.repository}:${held.tag}`)
    const path = `/v2/${held.repository}/manifests/${held.image.digest}`
    this.#expect(await this.#connection.call('DELETE', path), 202)
    this.#expect(await this.#connection.call('HEAD', path), 404)
    return held
  }

  async deleteAndUndelete(): Promise<void> {
    const began = performance.now()
    const held = await this.deleteManifest()
    if (held === undefined) return
    const body = JSON.stringify({ digest: held.image.digest })
    const headers = { 'Content-Type': 'application/json' }
    const path = `/api/v1/repositories/${held.repository}/undelete`
    const answer = await this.#connection.call('POST', path, { body, headers })
    this.#allow(answer, 200, performance.now() - began > soakRetention.trash)
    // The tag was made anew by that: there is nothing before it to roll back to.
    const { previous: _, ...restored } = held
    this.#hold(restored)
    await this.#expectWhole(held.repository, held.tag, held.image)
  }

  async rollback(): Promise<void> {
    const held = this.#any()
    if (held?.previous === undefined) return
    const { repository, tag, previous, movedAt } = held
    const answer = await this.#connection.call('POST', `/api/v1/repositories/${repository}/tags/${tag}/rollback`)
    this.#allow(answer, 200, performance.now() - movedAt > soakRetention.untagged)
    const { image, referrers } = previous
    this.#hold({ repository, tag, image, referrers, movedAt: performance.now() })
    await this.#expectWhole(repository, tag, previous.image)
  }

  /** Bytes that no manifest will ever name, and an upload that is given up. */
  async litter(): Promise<void> {
    const repository = pick(repositories)
    await this.#upload(repository, blobOf(randomBytes(3000)))
    const begun = this.#expect(await this.#connection.call('POST', `/v2/${repository}/blobs/uploads/`), 202)
    const location = begun.headers.location ?? ''
    this.#expect(await this.#connection.call('PATCH', location, { body: randomBytes(2000) }), 202)
    this.#expect(await this.#connection.call('DELETE', location), 204)
  }

  [Symbol.dispose](): void {
    this.#connection[Symbol.dispose]()
  }

  #any(): Held | undefined {
    return this.#held.size === 0 ? undefined : pick([...this.#held.values()])
  }

  /** Of what came before, only the last is remembered. */
  #hold({ previous, ...held }: Held): void {
    const { previous: _, ...last } = previous ?? {}
    this.#held.set(`${held.repository}:${held.tag}`, previous ? { ...held, previous: last as Held } : held)
  }

  #newBlobs(): readonly Blob[] {
    return [blobOf(randomBytes(64).toString('hex')), pick(sharedLayers), pick(sharedLayers)]
  }

  /** As every client pushes: what is here isn't sent, what a sister has is mounted, the rest goes over the wire. */
  async #pushImage(repository: string, blobs: readonly Blob[], tag?: string, subject?: Image): Promise<Image> {
    const image = imageOf(blobs, subject)
    const began = performance.now()
    for (const blob of blobs) {
      const head = await this.#connection.call('HEAD', `/v2/${repository}/blobs/${blob.digest}`)
      if (head.status === 200) continue
      this.#expect(head, 404)
      if (!(await this.#mount(repository, blob))) await this.#upload(repository, blob)
    }
    const put = await this.#connection.putManifest(repository, tag ?? image.digest, image.text)
    // "It is here" holds for at least half of the time.
    this.#allow(put, 201, performance.now() - began > soakRetention.unreferenced / 2)
    return image
  }

  async #mount(repository: string, { digest }: Blob): Promise<boolean> {
    const from = pick(repositories.filter((other) => other !== repository))
    const answer = await this.#connection.call('POST', `/v2/${repository}/blobs/uploads/?mount=${digest}&from=${from}`)
    if (answer.status === 201) return true
    this.#expect(answer, 202)
    this.#expect(await this.#connection.call('DELETE', answer.headers.location ?? ''), 204)
    return false
  }

  async #upload(repository: string, { digest, bytes }: Blob): Promise<void> {
    if (randomInt(2) === 0) {
      const path = `/v2/${repository}/blobs/uploads/?digest=${digest}`
      this.#expect(await this.#connection.call('POST', path, { body: bytes }), 201)
      return
    }
    const begun = this.#expect(await this.#connection.call('POST', `/v2/${repository}/blobs/uploads/`), 202)
    const location = begun.headers.location ?? ''
    const half = bytes.length >> 1
    this.#expect(await this.#connection.call('PATCH', location, { body: bytes.subarray(0, half) }), 202)
    const end = { body: bytes.subarray(half) }
    this.#expect(await this.#connection.call('PUT', `${location}?digest=${digest}`, end), 201)
  }

  async #expectWhole(repository: string, reference: string, image: Image): Promise<void> {
    const manifest = await this.#connection.call('GET', `/v2/${repository}/manifests/${reference}`)
    assert.equal(this.#expect(manifest, 200).body.toString(), image.text)
    for (const { digest } of image.blobs) {
      const blob = await this.#connection.call('GET', `/v2/${repository}/blobs/${digest}`)
      assert.equal(digestOf(this.#expect(blob, 200).body), digest)
    }
  }

  async #expectIndex(repository: string, tag: string, index: Index): Promise<void> {
    const found = await this.#connection.call('GET', `/v2/${repository}/manifests/${tag}`)
    assert.equal(this.#expect(found, 200).body.toString(), index.text)
    for (const child of index.children) await this.#expectWhole(repository, child.digest, child)
  }

  #expect(answer: Answer, status: number): Answer {
    assert.equal(answer.status, status, answer.body.toString())
    return answer
  }

  /** A refusal is no failure when the client took longer than it was promised. */
  #allow(answer: Answer, status: number, isTooLate: boolean): void {
    if (answer.status === 404 && isTooLate) throw new TooLate()
    this.#expect(answer, status)
  }
}

/** Pushes and pulls are most of what a registry sees. */
const operations: readonly (readonly [string, (client: SoakClient) => Promise<unknown>])[] = [
  ['push', (client) => client.push()],
  ['push', (client) => client.push()],
  ['push', (client) => client.push()],
  ['pull', (client) => client.pull()],
  ['pull', (client) => client.pull()],
  ['push of an index', (client) => client.pushIndex()],
  ['attach', (client) => client.attach()],
  ['discover', (client) => client.discover()],
  ['delete of a tag', (client) => client.deleteTag()],
  ['delete of a manifest', (client) => client.deleteManifest()],
  ['undelete', (client) => client.deleteAndUndelete()],
  ['rollback', (client) => client.rollback()],
  ['litter', (client) => client.litter()],
]
