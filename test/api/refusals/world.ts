import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { type Answer, type Ask, askEngine } from '../../harness/api.ts'
import { makeTar } from '../../harness/tar.ts'
import type { Refusal } from './table.ts'

/** What a request may wait for: a log that goes on has answered well by then. */
const patience = 60_000

const container = (more: Readonly<Record<string, unknown>> = {}, host: Readonly<Record<string, unknown>> = {}) => ({
  Image: 'busybox',
  Cmd: ['sleep', '1000'],
  StopTimeout: 0,
  ...more,
  HostConfig: { NetworkMode: 'bridge', ...host },
})

/** The containers that the table speaks of, each with what is done to it. */
const containers = {
  up: [container(), ['start']],
  made: [container({}, { Binds: ['vol:/v'] }), []],
  done: [container({ Cmd: ['true'] }), ['start', 'wait']],
  paused: [container({}, { NetworkMode: 'none' }), ['start', 'exec', 'pause']],
  stopped: [container({}, { NetworkMode: 'none' }), ['start', 'exec', 'stop']],
  unlogged: [container({}, { LogConfig: { Type: 'none' } }), []],
  member: [container({}, { NetworkMode: 'net' }), ['start']],
  onhost: [container({}, { NetworkMode: 'host' }), ['start']],
  readonly: [container({}, { ReadonlyRootfs: true }), []],
  limited: [container({}, { NanoCpus: 5e8, Memory: 1e8, MemorySwap: 2e8 }), []],
  removing: [container({}, { AutoRemove: true }), []],
} as const

const programs = ['sh', 'true', 'sleep', 'ls']

/** A daemon that speaks docker's API, with what the table's requests speak of in it. */
export class World {
  readonly #socket: string
  /** What stands in the table for what each daemon chooses itself: ids, by the name in braces. */
  readonly #names = new Map<string, string>()

  private constructor(socket: string) {
    this.#socket = socket
  }

  /** Makes everything in an empty daemon. `busybox` is the path of a static one. */
  static async make(socket: string, busybox: string): Promise<World> {
    const world = new World(socket)
    await world.#addImages(busybox)
    const network = { Name: 'net', IPAM: { Config: [{ Subnet: '10.66.0.0/24' }] } }
    await world.#learn('net', '/networks/create', network)
    await world.#must('/volumes/create', { Name: 'vol' })
    for (const [name, [body, verbs]] of Object.entries(containers)) {
      await world.#learn(name, `/containers/create?name=${name}`, body)
      for (const verb of verbs) await world.#perform(name, verb)
    }
    for (const [name, Cmd] of Object.entries({ ended: ['true'], nofile: ['nosuch'], fresh: ['true'] })) {
      await world.#learn(name, '/containers/up/exec', { Cmd })
    }
    await world.#must(`/exec/${world.#names.get('ended')}/start`, { Detach: false })
    return world
  }

  /** Takes everything away again. */
  async remove(): Promise<void> {
    const remove = (path: string): Promise<Answer> => askEngine(this.#socket, path, { method: 'DELETE' })
    for (const name of Object.keys(containers)) await remove(`/containers/${name}?force=1&v=1`)
    for (const path of ['/networks/net', '/volumes/vol', '/images/busybox', '/images/empty']) await remove(path)
  }

  /** Sends a request. Resolves with status and message, what differs from one daemon to the next replaced by its name. */
  async ask({ method, path, contentType, body }: Refusal): Promise<string> {
    const ask: Ask = {
      method,
      signal: AbortSignal.timeout(patience),
      ...(body === undefined ? {} : { body }),
      ...(contentType === undefined ? {} : { headers: { 'Content-Type': contentType } }),
    }
    const { status, message, text } = await askEngine(this.#socket, this.#fill(path), ask)
    if (status >= 400 || status === 304) return `${status} ${this.#blank(message)}`.trimEnd()
    await this.#takeBack(path, text)
    return String(status)
  }

  /** What should have been refused, and was made, goes. */
  async #takeBack(path: string, answer: string): Promise<void> {
    const kind = /^(?:\/v[\d.]+)?\/(containers|networks|volumes)\/create/.exec(path)?.[1]
    if (kind === undefined) return
    const { Id, Name } = JSON.parse(answer) as { readonly Id?: string; readonly Name?: string }
    if (Name === 'vol') return
    await askEngine(this.#socket, `/${kind}/${Id ?? Name}?force=1&v=1`, { method: 'DELETE' })
  }

  async #addImages(busybox: string): Promise<void> {
    const system = makeTar([
      { name: 'bin/' },
      { name: 'tmp/' },
      { name: 'bin/busybox', body: await readFile(busybox), mode: 0o755 },
      ...programs.map((name) => ({ name: `bin/${name}`, linkTo: 'busybox' })),
      { name: 'etc/' },
      { name: 'etc/passwd', body: 'root:x:0:0:root:/root:/bin/sh\n' },
      { name: 'etc/group', body: 'root:x:0:\n' },
    ])
    const path = { busybox: '&changes=CMD%20%5B%22sh%22%5D', empty: '' }
    for (const [repository, changes] of Object.entries(path)) {
      const url = `/images/create?fromSrc=-&repo=${repository}&tag=latest${changes}`
      const headers = { 'Content-Type': 'application/x-tar' }
      const { status, text } = await askEngine(this.#socket, url, { method: 'POST', body: system, headers })
      assert.equal(status, 200, text)
    }
    const shown = await askEngine(this.#socket, '/images/busybox/json')
    this.#names.set('image', (JSON.parse(shown.text) as { readonly Id: string }).Id.replace('sha256:', ''))
  }

  async #perform(name: string, verb: string): Promise<void> {
    if (verb === 'exec') await this.#learn(`exec of ${name}`, `/containers/${name}/exec`, { Cmd: ['true'] })
    else await this.#must(`/containers/${name}/${verb}`)
  }

  async #must(path: string, body?: unknown): Promise<Answer> {
    const ask = { method: 'POST', ...(body === undefined ? {} : { body: JSON.stringify(body) }) }
    const answer = await askEngine(this.#socket, path, ask)
    assert.ok(answer.status < 300, `${path}: ${answer.status} ${answer.text}`)
    return answer
  }

  async #learn(name: string, path: string, body: unknown): Promise<void> {
    const { text } = await this.#must(path, body)
    this.#names.set(name, (JSON.parse(text) as { readonly Id: string }).Id)
  }

  /** The ids in, and as a URL has it. */
  #fill(path: string): string {
    const filled = path.replaceAll(/\{([a-z ]+)\}/g, (all, name: string) => this.#names.get(name) ?? all)
    return filled.replaceAll(/[^!-~]|["{}<>\\^`|]/g, encodeURIComponent)
  }

  #blank(message: string): string {
    let text = message
    for (const [name, id] of this.#names) {
      text = text.replaceAll(id, `<${name}>`).replaceAll(id.slice(0, 12), `<${name}:12>`)
    }
    return text
      .trimEnd()
      .replaceAll(/ id:"[^"]*"/g, ' id:"<endpoint>"')
      .replace(/to \d+\.00, as there are only \d+ CPUs/, 'to <all>, as there are only <all> CPUs')
      .replace(/available: [\d,-]+$/, 'available: <all>')
      .replaceAll(/[0-9a-f]{64}/g, (id) => (/^0+$/.test(id) ? id : '<id>'))
  }
}
