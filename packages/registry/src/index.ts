/**
 * An OCI registry (distribution-spec 1.1) in one process: `distribution/` is the protocol, `api/` what it has no words for,
 * described by its own table; `tokens/` and `accounts/` say who it is, `sign-in/` has the ways in besides a password, `access/`
 * says what they may, `projects/` and `teams/` who is in what, `rules/` which tags stay, `limits/` how often, `audit/` what they
 * did; `feed/` tells who watches; `search/` finds repositories, `pulls/` counts what is fetched; `hub/` is what the pages need;
 * `metadata/` is the SQL they all stand on, `storage/` has the bytes; `gc/` collects what nothing holds, `check/` compares it
 * all; `verbs/` is the command line; `tls/`, `health/`, `metrics/` and `trace/` are for those who run it. The parts are put
 * together in `compose.ts`, over what `places.ts` opens.
 */
export { addManager } from './accounts/one-time.ts'
export { addAccount, changePassword, hasAccounts } from './accounts/records.ts'
export { removeAccount } from './accounts/remove.ts'
export { type RegistryOptions, type RunningRegistry, startRegistry } from './compose.ts'
export { readSignInSettings } from './config.ts'
export { registryMain } from './main.ts'
export { openRegistryDatabase, type Places } from './places.ts'
