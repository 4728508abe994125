import type { ServerResponse } from 'node:http'
import type { ApiRequest } from '@slipway/http'
import { ociError } from './oci-error.ts'

export interface Page {
  /** How many the client is given at most. */
  readonly size: number
  /** Exclusive. */
  readonly last: string
}

const largestPage = 1000

/** `?n=…&last=…`. Throws invalid when `n` is no number; a page larger than ours is cut to ours. */
export const parsePage = (query: URLSearchParams): Page => {
  const n = query.get('n')
  if (n !== null && !/^\d{1,9}$/.test(n)) throw ociError('PAGINATION_NUMBER_INVALID', { detail: { n } })
  return { size: n === null ? largestPage : Math.min(Number(n), largestPage), last: query.get('last') ?? '' }
}

/**
 * Cuts the one item too many that was asked for, and, if there was one, sets the `Link` to the next page (OCI
 * distribution-spec, "Listing Tags"; RFC 8288).
 */
export const cutPage = <T>(
  request: ApiRequest,
  response: ServerResponse,
  page: Page,
  found: { readonly items: readonly T[]; readonly nameOf: (item: T) => string },
): readonly T[] => {
  const items = found.items.slice(0, page.size)
  const end = items.at(-1)
  if (found.items.length > items.length && end !== undefined) {
    const query = new URLSearchParams(request.query)
    query.set('n', String(page.size))
    query.set('last', found.nameOf(end))
    const path = request.path
      .split('/')
      .map((part) => encodeURIComponent(decodeURIComponent(part)).replaceAll('%3A', ':'))
    response.setHeader('Link', `<${path.join('/')}?${query}>; rel="next"`)
  }
  return items
}
