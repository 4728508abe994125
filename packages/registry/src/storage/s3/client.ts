import { setTimeout as sleep } from 'node:timers/promises'
import { conflict, hasCode, invalid, notFound, SlipwayError } from '@slipway/core'
import { AwsV4Signer } from 'aws4fetch'
import { Agent, type Dispatcher, request } from 'undici'
import { findKeys } from './keys.ts'
import { addressOf, type Keys, type S3Options } from './options.ts'
import { textOf } from './xml.ts'

export interface S3Request {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  /** '' for the bucket itself. */
  readonly key: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array<ArrayBuffer>
}

export type S3Response = Pick<Dispatcher.ResponseData, 'headers' | 'body'>

/** A storage that is slow gets this long to begin, and between two pieces. */
const patienceMs = 30_000
const attempts = 4
const firstWaitMs = 100
/** An error's text, in XML. */
const longestError = 64 << 10
const retryAfterSeconds = 5
const hour = 60 * 60

const hexOf = (bytes: ArrayBuffer): string => Buffer.from(bytes).toString('hex')

/** Sent again: the storage was busy, or something went wrong on its side. */
const isPassing = (status: number): boolean => status >= 500 || status === 429 || status === 408

const unavailable = (message: string, cause: unknown, seconds = retryAfterSeconds): SlipwayError =>
  new SlipwayError('unavailable', message, { cause, detail: { retryAfterSeconds: seconds } })

const brokenOff = (error: unknown): never => {
  throw unavailable('the storage broke off', error)
}

/** Full, or refused, it will still be in a second. */
const isWorthAnother = (error: unknown): boolean =>
  hasCode(error, 'unavailable') && error.detail['retryAfterSeconds'] === retryAfterSeconds

/** What an answer that isn't a success means, in our words. */
const failureOf = (status: number, text: string, key: string): SlipwayError => {
  const code = textOf(text, 'Code') ?? String(status)
  const said = new Error(`the storage said ${status} ${code}: ${textOf(text, 'Message') ?? ''}`)
  if (status === 404) return Object.assign(notFound('object', key), { cause: said })
  if (status === 412 || status === 409) return Object.assign(conflict(`${key} was changed by another`), { cause: said })
  if (status === 416) return invalid('the range is outside of the object', said)
  if (status === 507 || /Quota|Full/.test(code)) return unavailable('no space left in the storage', said, 60)
  if (status === 401 || status === 403) return unavailable('the storage refuses this registry', said, 60)
  if (isPassing(status)) return unavailable('the storage does not answer', said)
  return new SlipwayError('internal', said.message)
}

/**
 * Signed requests to a bucket (AWS Signature Version 4; the body's digest is signed with it, so the storage notices when bytes
 * change on the way). What fails in passing is sent again; what goes on failing is unavailable.
 */
export class S3Client implements AsyncDisposable {
  readonly #options: S3Options
  readonly #keys: () => Promise<Keys>
  readonly #agent = new Agent({
    connections: 64,
    headersTimeout: patienceMs,
    bodyTimeout: patienceMs,
    connect: { timeout: 5_000 },
  })
  /** Keys of a day, derived from the secret. */
  readonly #cache = new Map<string, ArrayBuffer>()

  constructor(options: S3Options) {
    this.#options = options
    this.#keys = findKeys(options)
  }

  get bucket(): string {
    return this.#options.bucket
  }

  get prefix(): string {
    return this.#options.prefix
  }

  /**
   * Throws not-found (404), conflict (412: a condition), invalid (416: a range), unavailable. Whoever gets an answer must read
   * its body, or dump it.
   */
  send(asked: S3Request): Promise<S3Response> {
    return this.#insist(() => this.#try(asked))
  }

  /** As `send()`; the body as text. One that breaks off is asked for again. */
  sendForText(asked: S3Request): Promise<{ readonly headers: S3Response['headers']; readonly text: string }> {
    return this.#insist(async () => {
      const { headers, body } = await this.#try(asked)
      return { headers, text: await body.text().catch(brokenOff) }
    })
  }

  /** As `send()`; the body as bytes: of what is small. */
  sendForBytes(asked: S3Request): Promise<{ readonly headers: S3Response['headers']; readonly bytes: Buffer }> {
    return this.#insist(async () => {
      const { headers, body } = await this.#try(asked)
      return { headers, bytes: Buffer.from(await body.arrayBuffer().catch(brokenOff)) }
    })
  }

  async #insist<T>(perform: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await perform()
      } catch (error) {
        if (!isWorthAnother(error) || attempt === attempts) throw error
        await sleep(firstWaitMs * 4 ** (attempt - 1) * (0.5 + Math.random()))
      }
    }
  }

  /** An address at which anyone can get the object for an hour. */
  async presign(key: string): Promise<URL> {
    const url = addressOf(this.#options, key)
    url.searchParams.set('X-Amz-Expires', String(hour))
    const signer = await this.#signer({ method: 'GET', url: url.href, signQuery: true })
    const signed = await signer.sign()
    return signed.url
  }

  async #try({ method, key, query = {}, headers = {}, body }: S3Request): Promise<S3Response> {
    const url = addressOf(this.#options, key)
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
    const digest = hexOf(await crypto.subtle.digest('SHA-256', body ?? new Uint8Array()))
    const signer = await this.#signer({
      method,
      url: url.href,
      headers: { ...headers, 'X-Amz-Content-Sha256': digest },
    })
    const signed = await signer.sign()
    let response: Dispatcher.ResponseData
    try {
      response = await request(signed.url, {
        method,
        dispatcher: this.#agent,
        headers: Object.fromEntries(signed.headers),
        body: body ?? null,
      })
    } catch (error) {
      throw unavailable('the storage does not answer', error)
    }
    const { statusCode } = response
    if (statusCode >= 200 && statusCode < 300) return response
    throw failureOf(statusCode, await shortTextOf(response), key)
  }

  async #signer(asked: {
    method: string
    url: string
    headers?: Record<string, string>
    signQuery?: boolean
  }): Promise<AwsV4Signer> {
    const { accessKeyId, secretAccessKey, sessionToken } = await this.#keys()
    return new AwsV4Signer({
      ...asked,
      accessKeyId,
      secretAccessKey,
      service: 's3',
      region: this.#options.region,
      cache: this.#cache,
      ...(sessionToken === undefined ? {} : { sessionToken }),
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy()
  }
}

const shortTextOf = async ({ body }: Dispatcher.ResponseData): Promise<string> => {
  let text = ''
  try {
    for await (const chunk of body) {
      text += chunk
      if (text.length > longestError) break
    }
  } catch {
    // The status says enough.
  }
  return text
}
