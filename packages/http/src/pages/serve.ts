import { randomBytes } from 'node:crypto'
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { SlipwayError } from '@slipway/core'
import type { ApiRequest } from '../route.ts'
import type { PageFile } from './read.ts'

/** Built pages of one program. */
export interface Pages {
  readonly files: ReadonlyMap<string, PageFile>
  /** `/index.html` */
  readonly index: string
}

/** In the page, where the nonce of this answer belongs: xterm.js makes style elements, and needs it for them. */
const noncePlace = '%NONCE%'

const policy = (nonce: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')

const send = (response: ServerResponse, bytes: Buffer, headers: OutgoingHttpHeaders): void => {
  response.writeHead(200, { ...headers, 'Content-Length': bytes.length })
  response.end(response.req.method === 'HEAD' ? undefined : bytes)
}

const sendPage = (response: ServerResponse, { type, bytes }: PageFile): void => {
  const nonce = randomBytes(16).toString('base64')
  send(response, Buffer.from(bytes.toString('utf8').replaceAll(noncePlace, nonce)), {
    'Content-Type': type,
    'Content-Security-Policy': policy(nonce),
    'Cache-Control': 'no-store',
  })
}

/** Its name holds a digest of what is in it. */
const sendAsset = ({ raw }: ApiRequest, response: ServerResponse, { type, bytes, zipped }: PageFile): void => {
  const asks = /\bgzip\b/.test(String(raw.headers['accept-encoding'] ?? ''))
  const shared = { 'Content-Type': type, 'Cache-Control': 'max-age=31536000, immutable', Vary: 'Accept-Encoding' }
  if (zipped !== undefined && asks) send(response, zipped, { ...shared, 'Content-Encoding': 'gzip' })
  else send(response, bytes, shared)
}

const notBuilt = (): SlipwayError =>
  new SlipwayError('not-found', 'the pages have not been built: "npm start" builds them, or "npm run build:pages"')

/**
 * Answers with what belongs to an address: a file (`/assets/…`), or the page `index`, whose own router reads the address.
 * Throws not-found where there is no such file, or where the pages have not been built.
 */
export const servePage = (request: ApiRequest, response: ServerResponse, { files, index }: Pages): void => {
  const page = files.get(index)
  if (page === undefined) throw notBuilt()
  const file = request.path.endsWith('.html') ? undefined : files.get(request.path)
  if (file !== undefined) sendAsset(request, response, file)
  else if (request.path.startsWith('/assets/')) throw new SlipwayError('not-found', 'page not found')
  else sendPage(response, page)
}
