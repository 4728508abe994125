import type { Action } from '@slipway/core'
import { anonymous, callerMayEverywhere } from '../access/caller.ts'
import { authenticate, authorize, setChallenge } from '../access/challenge.ts'
import { ociError } from '../distribution/oci-error.ts'
import type { Who } from './route.ts'

/** Nobody is asked who they are: those who come to say so. */
export const nobody: Who = { about: 'anyone', admit: async () => ({ identity: anonymous }) }

export const anyone: Who = {
  about: 'anyone; what is shown depends on who it is',
  admit: (request, response, registry) => authenticate(request, response, registry),
}

/** A token speaks for repositories only. */
export const manager: Who = {
  about: 'who manages the registry',
  admit: async (request, response, registry) => {
    const caller = await authenticate(request, response, registry)
    if (await callerMayEverywhere(registry, caller, 'manage')) return caller
    if (caller.access === undefined && caller.identity.kind !== 'anonymous') throw ociError('DENIED')
    setChallenge(request, response)
    throw ociError('UNAUTHORIZED')
  },
}

/** Somebody, whoever it is. */
export const signedIn: Who = {
  about: 'an account',
  admit: async (request, response, registry) => {
    const caller = await authenticate(request, response, registry)
    if (caller.identity.kind !== 'anonymous') return caller
    setChallenge(request, response)
    throw ociError('UNAUTHORIZED')
  },
}

/** The account itself, by its password or its browser: a token doesn't beget tokens. */
export const owner: Who = {
  about: 'an account itself, not one of its tokens',
  admit: async (request, response, registry, place) => {
    const caller = await signedIn.admit(request, response, registry, place)
    const byPassword = caller.access === undefined && !caller.byAccessToken
    if (!byPassword || caller.identity.kind !== 'user') throw ociError('DENIED')
    return caller
  },
}

/** Who may do it to the repository that the path names. */
export const may = (action: Action): Who => ({
  about: `who may ${action} there`,
  admit: (request, response, registry, { repository }) =>
    authorize(request, response, registry, { action, repository }),
})
