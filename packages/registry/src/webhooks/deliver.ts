import { createHmac } from 'node:crypto'
import type { IncomingMessage, RequestOptions } from 'node:http'
import { request } from 'node:http'
import { request as requestTls } from 'node:https'
import { checkLiteral, lookupPublic } from './public-address.ts'

export interface Delivery {
  readonly id: string
  readonly url: string
  readonly secret: string
  /** JSON. */
  readonly payload: string
}

export interface DeliverOptions {
  /** Also to addresses that are not public. */
  readonly allowPrivate: boolean
  readonly signal: AbortSignal
}

const timeoutMs = 10_000

/** What proves that it comes from us: an HMAC-SHA256 of the body, in the form that GitHub's webhooks made common. */
export const signatureOf = (secret: string, payload: string): string =>
  `sha256=${createHmac('sha256', secret).update(payload).digest('hex')}`

/** Tells it once. Resolves with the status of the answer; redirects are answers. Throws what kept it from being told. */
export const deliver = async (delivery: Delivery, { allowPrivate, signal }: DeliverOptions): Promise<number> => {
  const url = new URL(delivery.url)
  if (!allowPrivate) checkLiteral(url.hostname)
  const options: RequestOptions = {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(delivery.payload),
      'User-Agent': 'Slipway-Hub',
      'X-Slipway-Delivery': delivery.id,
      'X-Slipway-Signature': signatureOf(delivery.secret, delivery.payload),
    },
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    agent: false,
    ...(allowPrivate ? {} : { lookup: lookupPublic }),
  }
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const asked = (url.protocol === 'https:' ? requestTls : request)(url, options, resolve)
    asked.on('error', reject).end(delivery.payload)
  })
  // What it says is nothing to us, and could be endless.
  response.destroy()
  return response.statusCode ?? 0
}
