import type {
  HubSecondFactor,
  RecoveryCodes,
  SecondFactorCode,
  SecondFactorProof,
  SecondFactorRule,
  SecondFactorSecret,
  SecondFactorStart,
} from '../wire/hub/index.ts'
import type { HubClient } from './hub-client.ts'

const path = '/second-factor'
const of = (account: string): string => `/accounts/${encodeURIComponent(account)}/second-factor`

/** One's own. */
export const readSecondFactor = (hub: HubClient): Promise<HubSecondFactor> => hub.json({ path })

/** What an app is to be told, this once. */
export const beginSecondFactor = (hub: HubClient, start: SecondFactorStart): Promise<SecondFactorSecret> =>
  hub.json({ method: 'POST', path, json: start })

/** From now on it is asked for. */
export const confirmSecondFactor = (hub: HubClient, shown: SecondFactorCode): Promise<RecoveryCodes> =>
  hub.json({ method: 'PUT', path, json: shown })

export const dropSecondFactor = (hub: HubClient, shown: SecondFactorProof): Promise<void> =>
  hub.send({ method: 'DELETE', path, json: shown })

export const renewRecoveryCodes = (hub: HubClient, shown: SecondFactorProof): Promise<RecoveryCodes> =>
  hub.json({ method: 'POST', path: `${path}/recovery-codes`, json: shown })

/** Whether an account must have one. */
export const requireSecondFactor = (hub: HubClient, account: string, rule: SecondFactorRule): Promise<void> =>
  hub.send({ method: 'PUT', path: of(account), json: rule })

/** For who has lost it. */
export const resetSecondFactor = (hub: HubClient, account: string): Promise<void> =>
  hub.send({ method: 'DELETE', path: of(account) })
