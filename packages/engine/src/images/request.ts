import type { IncomingMessage } from 'node:http'
import { decodeRegistryAuth } from '@slipway/client'
import { hasCode, messageOf, SlipwayError } from '@slipway/core'
import type { ApiRequest, Route } from '@slipway/http'
import type { RegistryCredentials, RegistryRules } from '@slipway/remote'
import type { Collector } from './collect.ts'
import { credentialsOf } from './login.ts'
import type { ImageRoom } from './room.ts'
import type { ImageStore } from './store.ts'

export interface ImageRouteDeps {
  readonly images: ImageStore
  readonly collector: Collector
  readonly registries: RegistryRules
}

export type Handle = Route<ImageRouteDeps>['handle']

export const roomOf = ({ images, collector, registries }: ImageRouteDeps): ImageRoom => ({
  store: images,
  collector,
  registries,
})

export const nameOf = ({ params }: ApiRequest): string => params['name'] ?? ''

export const credentialsIn = (raw: IncomingMessage): RegistryCredentials | undefined => {
  const header = raw.headers['x-registry-auth']
  return credentialsOf(decodeRegistryAuth(Array.isArray(header) ? header[0] : header))
}

/** docker's answer for a registry that is away is 500, and clients show its text. */
export const asDocker = (error: unknown): never => {
  throw hasCode(error, 'unavailable') ? new SlipwayError('internal', messageOf(error), { cause: error }) : error
}

export const signalOf = ({ signal }: ApiRequest): { readonly signal: AbortSignal } => ({ signal })
