import type { control } from '@slipway/buildkit'
import { SlipwayError } from '@slipway/core'

const refuse = (what: string): never => {
  throw new SlipwayError('unsupported', what)
}

/** What a client may allow the steps of its build (`--allow`). */
const entitlements: ReadonlySet<string> = new Set(['network.host'])

/** What can't be done as it is asked for is told before anything is built. Throws unsupported. */
export const refuseUnsupported = (request: control.SolveRequest): void => {
  const isExported = (request.cache?.exports ?? []).some(({ type }) => type !== 'inline')
  if (isExported) refuse('exporting the build cache is not supported')
  const entitlement = request.entitlements.find((name) => !entitlements.has(name))
  if (entitlement !== undefined) {
    refuse(`granting entitlement ${entitlement.slice(0, 80)} is not allowed by build daemon configuration`)
  }
}
