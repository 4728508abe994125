export { apiHostOf, isLoopback } from './address.ts'
export { type Authenticated, authenticate } from './authenticate.ts'
export { type Challenge, parseChallenges } from './challenge.ts'
export type { RegistryCredentials } from './credentials.ts'
export { type ConnectOptions, connectRegistry, RemoteRegistry } from './registry.ts'
export { defaultRetryPolicy, type RetryPolicy } from './retry.ts'
export {
  loginEndpoint,
  type PushCompression,
  parseRegistryRules,
  pullEndpoints,
  pushEndpoint,
  type RegistryEndpoint,
  type RegistryRule,
  type RegistryRules,
  searchEndpoint,
} from './rules.ts'
export { type SearchOptions, type SearchResult, search } from './search.ts'
