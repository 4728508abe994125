import type { ApiRequest } from '@slipway/http'
import { addressOf } from '../address.ts'
import type { Registry } from '../registry.ts'
import { requestIdOf } from '../request-id.ts'
import type { AuditEvent } from './events.ts'

export interface Deed {
  readonly action: string
  readonly repository?: string
  readonly subject?: string | undefined
  readonly detail?: string | undefined
}

const eventOf = (
  { settings }: Registry,
  request: Pick<ApiRequest, 'raw'>,
  account: string | null,
  { action, repository, subject, detail }: Deed,
): AuditEvent => ({
  account,
  address: addressOf(request.raw, settings.behindProxy),
  action,
  repository: repository ?? null,
  subject: subject ?? null,
  detail: detail ?? null,
  requestId: requestIdOf(request.raw),
})

/** Notes what an account has done; null: a stranger. */
export const noteDeed = (
  registry: Registry,
  request: Pick<ApiRequest, 'raw'>,
  account: string | null,
  deed: Deed,
): void => registry.audit.record(eventOf(registry, request, account, deed))

/** Notes a login that went wrong, with the name that was tried. */
export const noteFailedLogin = (registry: Registry, request: Pick<ApiRequest, 'raw'>, user: string): void =>
  noteDeed(registry, request, null, { action: 'login.failed', subject: user.slice(0, 64) })

/** Notes that a manifest was fetched, where the settings say that pulls are to be remembered: there are many of them. */
export const notePull = (
  registry: Registry,
  request: Pick<ApiRequest, 'raw'>,
  account: string | null,
  pull: { readonly repository: string; readonly subject: string; readonly detail: string },
): void => {
  if (!registry.settings.auditPulls) return
  registry.audit.recordQuietly(eventOf(registry, request, account, { action: 'manifest.pull', ...pull }))
}
