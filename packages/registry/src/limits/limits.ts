import type { ServerResponse } from 'node:http'
import type { ApiRequest } from '@slipway/http'
import type { Caller } from '../access/caller.ts'
import { addressOf } from '../address.ts'
import { type Rate, RateLimit } from './rate-limit.ts'

export interface Rates {
  /** Of all requests about repositories. */
  readonly requests: Rate | undefined
  /** Of pulls: manifests that are fetched. To look whether one is there (HEAD) is free, as on Docker Hub. */
  readonly pulls: Rate | undefined
}

/** Counts against the caller: the account, or for strangers the address. */
export type Limit = (request: ApiRequest, response: ServerResponse, caller: Caller) => void

const isPull = ({ raw, path }: ApiRequest): boolean => raw.method === 'GET' && path.includes('/manifests/')

/** Throws rate-limited. Pulls are told what is left of their limit, in the headers that Docker Hub has for it. */
export const createLimit = ({ requests, pulls }: Rates, behindProxy: boolean): Limit => {
  const [all, pulled] = [requests && new RateLimit(requests), pulls && new RateLimit(pulls)]
  if (all === undefined && pulled === undefined) return () => undefined
  return (request, response, { identity }) => {
    const who =
      identity.kind === 'anonymous' ? `address ${addressOf(request.raw, behindProxy)}` : `account ${identity.name}`
    all?.take(who)
    if (pulled === undefined || !isPull(request)) return
    const { limit, remaining, windowSeconds } = pulled.take(who)
    response.setHeader('RateLimit-Limit', `${limit};w=${windowSeconds}`)
    response.setHeader('RateLimit-Remaining', `${remaining};w=${windowSeconds}`)
  }
}
