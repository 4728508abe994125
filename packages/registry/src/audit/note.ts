import type { ApiRequest } from '@slipway/http'
import { addressOf } from '../address.ts'
import type { Registry } from '../registry.ts'
import { requestIdOf } from '../request-id.ts'

/** Notes what an account has done; null: a stranger. */
export const noteDeed = (
  { audit, settings }: Registry,
  request: ApiRequest,
  account: string | null,
  deed: { readonly action: string; readonly repository?: string; readonly subject?: string | undefined },
): void =>
  audit.record({
    account,
    address: addressOf(request.raw, settings.behindProxy),
    action: deed.action,
    repository: deed.repository ?? null,
    subject: deed.subject ?? null,
    requestId: requestIdOf(request.raw),
  })

/** Notes a login that went wrong, with the name that was tried. */
export const noteFailedLogin = ({ audit, settings }: Registry, request: ApiRequest, user: string): void =>
  audit.record({
    account: null,
    address: addressOf(request.raw, settings.behindProxy),
    action: 'login.failed',
    repository: null,
    subject: user.slice(0, 64),
    requestId: requestIdOf(request.raw),
  })
