import { Counter, collectDefaultMetrics, Registry as Figures, Gauge, Histogram } from 'prom-client'

/** What a request is about, told by its path: few enough kinds for a label. */
export const kindOf = (path: string): string => {
  const [, kind] = /\/(manifests|blobs\/uploads|blobs|tags|referrers)(?:\/|$)/.exec(path) ?? []
  if (path.startsWith('/v2/')) return kind?.replace('blobs/', '') ?? (path === '/v2/_catalog' ? 'catalog' : 'ping')
  const [, first = ''] = path.split('/', 2)
  return ['token', 'api', 'v1', 'healthz', 'readyz', 'metrics'].includes(first) ? first : 'other'
}

export interface Answered {
  readonly method: string
  readonly path: string
  readonly status: number
  readonly seconds: number
  readonly receivedBytes: number
  readonly sentBytes: number
}

/** A figure that is looked up when someone asks for the figures. */
export interface Looked {
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
  readonly look: () => Promise<readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[]>
}

/** The counters that one kind of request adds to, looked up once: labels cost more than counting. */
interface Counted {
  readonly requests: { inc(): void }
  readonly seconds: { observe(seconds: number): void }
}

const methods: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']

/** The figures of one registry, in Prometheus' form. */
export class Metrics {
  readonly #figures = new Figures()
  readonly #requests: Counter<'method' | 'kind' | 'status'>
  readonly #seconds: Histogram<'kind'>
  readonly #inFlight: Gauge
  readonly #received: { inc(bytes: number): void }
  readonly #sent: { inc(bytes: number): void }
  readonly #counted = new Map<string, Counted>()

  constructor(looked: readonly Looked[] = []) {
    const registers = [this.#figures]
    collectDefaultMetrics({ register: this.#figures })
    const prefix = 'slipway_registry'
    this.#requests = new Counter({
      name: `${prefix}_requests_total`,
      help: 'Requests answered.',
      labelNames: ['method', 'kind', 'status'],
      registers,
    })
    this.#seconds = new Histogram({
      name: `${prefix}_request_seconds`,
      help: 'How long requests took, their bodies included.',
      labelNames: ['kind'],
      buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60],
      registers,
    })
    const bytes = new Counter({
      name: `${prefix}_bytes_total`,
      help: 'Bytes that went over connections.',
      labelNames: ['direction'],
      registers,
    })
    this.#received = bytes.labels({ direction: 'received' })
    this.#sent = bytes.labels({ direction: 'sent' })
    this.#inFlight = new Gauge({ name: `${prefix}_requests_in_flight`, help: 'Requests under way.', registers })
    for (const figure of looked) this.#add(prefix, figure)
  }

  #add(prefix: string, { name, help, labels, look }: Looked): void {
    new Gauge({
      name: `${prefix}_${name}`,
      help,
      labelNames: labels,
      registers: [this.#figures],
      async collect() {
        this.reset()
        for (const { labels: values, value } of await look()) this.set(values, value)
      },
    })
  }

  begun(): void {
    this.#inFlight.inc()
  }

  answered({ method, path, status, seconds, receivedBytes, sentBytes }: Answered): void {
    this.#inFlight.dec()
    const counted = this.#countedFor(methods.includes(method) ? method : 'other', kindOf(path), status)
    counted.requests.inc()
    counted.seconds.observe(seconds)
    this.#received.inc(receivedBytes)
    this.#sent.inc(sentBytes)
  }

  #countedFor(method: string, kind: string, status: number): Counted {
    const name = `${method} ${kind} ${status}`
    const known = this.#counted.get(name)
    if (known !== undefined) return known
    const counted = {
      requests: this.#requests.labels({ method, kind, status: String(status) }),
      seconds: this.#seconds.labels({ kind }),
    }
    this.#counted.set(name, counted)
    return counted
  }

  get contentType(): string {
    return this.#figures.contentType
  }

  text(): Promise<string> {
    return this.#figures.metrics()
  }
}
