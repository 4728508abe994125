import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import type { Duplex } from 'node:stream'
import { askEngine, send } from '../../harness/api.ts'
import { makeTar } from '../../harness/tar.ts'
import type { Life, Step } from './table.ts'

/** What an event may be waited for. */
const patience = 30_000
/** In milliseconds: what comes that should not comes about then. */
const quiet = 200

const programs = ['sh', 'true', 'sleep', 'test']

interface Event {
  readonly Type: string
  readonly Action: string
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> }
}

/** A daemon that speaks docker's API, and what it tells of the lives that are lived in it. */
export class Witness {
  readonly #socket: string
  readonly #events: Event[] = []
  readonly #names = new Map<string, string>()
  #listening: IncomingMessage | undefined
  #changed = Promise.withResolvers<void>()
  /** How many of each kind have been waited for. */
  readonly #awaited = new Map<string, number>()
  readonly #hidden: string[] = []
  #attached: Duplex | undefined

  private constructor(socket: string) {
    this.#socket = socket
  }

  /** `busybox` is the path of a static one. */
  static async open(socket: string, busybox: string): Promise<Witness> {
    const witness = new Witness(socket)
    await witness.#import('/images/create?fromSrc=-&repo=busybox&tag=latest', [
      { name: 'bin/' },
      { name: 'tmp/' },
      { name: 'bin/busybox', body: await readFile(busybox), mode: 0o755 },
      ...programs.map((name) => ({ name: `bin/${name}`, linkTo: 'busybox' })),
      { name: 'etc/' },
      { name: 'etc/passwd', body: 'root:x:0:0:root:/root:/bin/sh\n' },
    ])
    const { text } = await askEngine(socket, '/images/busybox/json')
    witness.#names.set((JSON.parse(text) as { readonly Id: string }).Id, '<busybox>')
    const networks = JSON.parse((await askEngine(socket, '/networks')).text) as { Name: string; Id: string }[]
    for (const { Name, Id } of networks) witness.#names.set(Id, `<${Name}>`)
    return witness
  }

  /** Does what a life consists of, and gives what was told: a line an event. */
  async live({ name, steps, ours }: Life): Promise<readonly string[]> {
    this.#events.length = 0
    this.#hidden.length = 0
    this.#awaited.clear()
    const { listening } = await this.#listen()
    try {
      for (const step of steps) {
        await this.#do(step).catch((cause: unknown) => {
          throw new Error(`${name}: ${step.verb} ${step.rest}; until then: ${this.#told().join('; ')}`, { cause })
        })
      }
      for (const late = AbortSignal.timeout(patience); this.#told().length < ours.length && !late.aborted; )
        await new Promise((resolve) => setTimeout(resolve, quiet))
      await new Promise((resolve) => setTimeout(resolve, quiet))
      return this.#told()
    } finally {
      listening.destroy()
      this.#attached?.destroy()
    }
  }

  async #listen(): Promise<{ readonly listening: IncomingMessage }> {
    const listening = await send(this.#socket, '/events')
    this.#listening = listening
    let rest = ''
    listening.setEncoding('utf8')
    listening.on('error', () => undefined)
    listening.on('data', (text: string) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) if (line.trim() !== '') this.#events.push(JSON.parse(line) as Event)
      this.#changed.resolve()
    })
    return { listening }
  }

  async #do({ verb, rest, body }: Step): Promise<void> {
    const [container = ''] = rest.split(' ')
    if (verb === 'UNTIL') await this.#until(rest)
    else if (verb === 'HIDE') this.#hidden.push(rest)
    else if (verb === 'ATTACH') this.#attached = await this.#attach(rest)
    else if (verb === 'TYPE') this.#attached?.write(JSON.parse(`"${rest.replaceAll(/\\x(..)/g, '\\u00$1')}"`) as string)
    else if (verb === 'LEAVE') this.#attached?.destroy()
    else if (verb === 'IMPORT') await this.#import(rest, [{ name: 'file', body: 'of an image' }])
    else if (verb === 'TAR') await this.#put(rest)
    else if (verb === 'EXEC') await this.#exec(container, rest.slice(container.length + 1))
    else await this.#ask(verb, rest, body)
  }

  async #ask(method: string, path: string, body: string | undefined): Promise<void> {
    const ask = { method, signal: AbortSignal.timeout(patience), ...(body === undefined ? {} : { body }) }
    const { status, text } = await askEngine(this.#socket, path, ask)
    // What can't be started is part of a life.
    assert.ok(status < 400 || path.endsWith('/start'), text)
    const [, Id] = /"Id": ?"((?:sha256:)?[0-9a-f]{64})"/.exec(method === 'POST' ? text : '') ?? []
    if (Id !== undefined) this.#names.set(Id, `<${this.#nameIn(path, body)}>`)
  }

  #nameIn(path: string, body = ''): string {
    return /[?&]name=(\w+)/.exec(path)?.[1] ?? /"Name":"(\w+)"/.exec(body)?.[1] ?? 'id'
  }

  async #put(path: string): Promise<void> {
    const headers = { 'Content-Type': 'application/x-tar' }
    const body = makeTar([{ name: 'file', body: 'of a tar' }])
    const { status, text } = await askEngine(this.#socket, path, { method: 'PUT', body, headers })
    assert.equal(status, 200, text)
  }

  async #import(path: string, parts: Parameters<typeof makeTar>[0]): Promise<void> {
    const headers = { 'Content-Type': 'application/x-tar' }
    const { status, text } = await askEngine(this.#socket, path, { method: 'POST', body: makeTar(parts), headers })
    assert.equal(status, 200, text)
  }

  /** One with a terminal stays open, as what is attached does. */
  async #exec(container: string, body: string): Promise<void> {
    const made = await askEngine(this.#socket, `/containers/${container}/exec`, { method: 'POST', body })
    const { Id } = JSON.parse(made.text) as { readonly Id: string }
    const start = JSON.stringify({ Detach: !body.includes('Attach'), Tty: body.includes('Tty') })
    if (body.includes('Tty')) this.#attached = await this.#attach(`/exec/${Id}/start`, start)
    else await askEngine(this.#socket, `/exec/${Id}/start`, { method: 'POST', body: start })
  }

  async #attach(path: string, body = ''): Promise<Duplex> {
    const type = body === '' ? {} : { 'Content-Type': 'application/json', 'Content-Length': body.length }
    const headers = { Connection: 'Upgrade', Upgrade: 'tcp', ...type }
    const asking = request({ socketPath: this.#socket, path, method: 'POST', headers })
    asking.end(body)
    const [, socket] = (await once(asking, 'upgrade')) as [unknown, Duplex]
    socket.on('error', () => undefined)
    socket.resume()
    return socket
  }

  /** Waits for one more event that begins so than was waited for before. */
  async #until(beginning: string): Promise<void> {
    const wanted = (this.#awaited.get(beginning) ?? 0) + 1
    this.#awaited.set(beginning, wanted)
    const late = AbortSignal.timeout(patience)
    const found = (): number =>
      this.#events.filter(({ Type, Action }) => `${Type} ${Action}`.startsWith(beginning)).length
    while (found() < wanted) {
      if (late.aborted) throw new Error(`no event ${beginning}`)
      this.#changed = Promise.withResolvers()
      await Promise.race([this.#changed.promise, new Promise((resolve) => setTimeout(resolve, 200))])
    }
  }

  #told(): readonly string[] {
    return this.#events
      .map(({ Type, Action, Actor }) => {
        const attributes = Object.entries(Actor.Attributes ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1))
        const shown = attributes.map(([key, value]) => `${key}=${JSON.stringify(this.#blank(key, value))}`)
        return [Type, JSON.stringify(Action), this.#blank('ID', Actor.ID), ...shown].join(' ')
      })
      .filter((line) => !this.#hidden.some((one) => line.replace('"', '').startsWith(one)))
  }

  /** Without what is another one in every life. */
  #blank(key: string, value: string): string {
    if (key === 'execDuration') return '<seconds>'
    if (key === 'execID') return '<exec>'
    if (key === 'reclaimed') return '<bytes>'
    if (key === 'name' && /^[a-z]+_[a-z]+\d*$/.test(value)) return '<name>'
    let text = value
    for (const [id, name] of this.#names) text = text.replaceAll(id, name)
    return text.replaceAll(/[0-9a-f]{64}/g, '<id>')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listening?.destroy()
    await askEngine(this.#socket, '/images/busybox?force=1', { method: 'DELETE' })
  }
}
