import { type Database, type Logger, messageOf } from '@slipway/core'
import { type Delivery, deliver } from './deliver.ts'
import { trimDeliveries } from './records.ts'

export interface SenderOptions {
  readonly database: Database
  readonly logger: Logger
  readonly allowPrivate: boolean
  /** Rest between two looks into the outbox; default a second. */
  readonly intervalMs?: number
}

interface DueDelivery extends Delivery {
  readonly webhookId: string
  readonly attempts: number
}

/** At once, and then after ever longer pauses, for about a day: in seconds. */
const pauses = [10, 30, 60, 300, 900, 3600, 4 * 3600, 8 * 3600, 12 * 3600]
/** While one process tells it, others leave it alone; it is told again if that process dies meanwhile. */
const claimMs = 60_000
const batch = 20

/** Tells webhooks what is in the outbox, until it is disposed of. Several processes share one outbox. */
export class WebhookSender implements AsyncDisposable {
  readonly #options: SenderOptions
  readonly #stop = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #pass: Promise<void> = Promise.resolve()

  constructor(options: SenderOptions) {
    this.#options = options
  }

  start(): void {
    this.#pass = this.#tellDue()
      .catch((error) => this.#options.logger.warn({ error: messageOf(error) }, 'webhooks could not be told'))
      .finally(() => {
        if (this.#stop.signal.aborted) return
        this.#timer = setTimeout(() => this.start(), this.#options.intervalMs ?? 1000).unref()
      })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    clearTimeout(this.#timer)
    await this.#pass
  }

  async #tellDue(): Promise<void> {
    const due = await this.#claim()
    await Promise.all(due.map((delivery) => this.#tell(delivery)))
    if (due.length === batch && !this.#stop.signal.aborted) await this.#tellDue()
  }

  /** Moves what is due a minute on, which makes it ours for that minute. */
  async #claim(): Promise<readonly DueDelivery[]> {
    const { sql } = this.#options.database
    const now = new Date()
    const due = await sql<DueDelivery & { readonly nextAt: string }>`
      SELECT webhook_delivery.id, webhook_id AS "webhookId", payload, attempts, next_at AS "nextAt", url, secret
      FROM webhook_delivery JOIN webhook ON webhook.id = webhook_delivery.webhook_id
      WHERE next_at <= ${now} ORDER BY next_at, webhook_delivery.id LIMIT ${batch}`
    const ours: DueDelivery[] = []
    for (const delivery of due) {
      const rows = await sql`
        UPDATE webhook_delivery SET next_at = ${new Date(now.getTime() + claimMs)}
        WHERE id = ${delivery.id} AND next_at = ${delivery.nextAt} RETURNING id`
      if (rows.length > 0) ours.push(delivery)
    }
    return ours
  }

  async #tell(delivery: DueDelivery): Promise<void> {
    const { allowPrivate, database } = this.#options
    const signal = this.#stop.signal
    const outcome = await deliver(delivery, { allowPrivate, signal }).then(
      (status) => ({ status, error: status >= 200 && status < 300 ? null : `answered ${status}` }),
      (error) => ({ status: null, error: messageOf(error).slice(0, 500) }),
    )
    // Who is told while we stop is told again.
    if (signal.aborted) return
    const pause = outcome.error === null ? undefined : pauses[delivery.attempts]
    await database.sql`
      UPDATE webhook_delivery SET attempts = ${delivery.attempts + 1}, status = ${outcome.status},
        error = ${outcome.error}, next_at = ${pause === undefined ? null : new Date(Date.now() + pause * 1000)}
      WHERE id = ${delivery.id}`
    await trimDeliveries(database.sql, delivery.webhookId)
  }
}
