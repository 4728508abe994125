/** The SDK of the hub: a client, and a call for each operation of its API, by the name that the API's description gives it. */
export * from './accounts.ts'
export * from './administration.ts'
export * from './feed.ts'
export { HubClient, type HubClientOptions, type HubCredentials, type HubRequest } from './hub-client.ts'
export * from './projects.ts'
export * from './repositories.ts'
export * from './rules.ts'
export * from './second-factor.ts'
