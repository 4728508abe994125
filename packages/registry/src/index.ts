/**
 * An OCI registry (distribution-spec 1.1) in one process: `distribution/` is the protocol, `tokens/` and `accounts/` say who
 * it is, `access/` what they may, `search/` finds repositories, `metadata/` is the SQL they all stand on. The parts are
 * put together in `compose.ts`.
 */
export { addAccount, changePassword, hasAccounts, removeAccount } from './accounts/records.ts'
export { openRegistryDatabase, type RegistryOptions, type RunningRegistry, startRegistry } from './compose.ts'
export { parseListen } from './config.ts'
export { registryMain } from './main.ts'
