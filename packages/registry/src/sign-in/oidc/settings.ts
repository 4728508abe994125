import { invalid } from '@slipway/core'
import { isLoopback } from '@slipway/http'

/** A provider that people sign in with (OpenID Connect). */
export interface OidcSettings {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  readonly scopes: string
  /** The claim that becomes the account's name. */
  readonly nameClaim: string
  readonly groupsClaim: string
  /** Whether who comes for the first time gets an account. */
  readonly create: boolean
  /** What the page calls it. */
  readonly label: string
}

const text = (environment: string, about: string, fallback = '') =>
  ({ type: 'string', environment: `SLIPWAY_REGISTRY_OIDC_${environment}`, fallback, about }) as const

export const oidcSettings = {
  'oidc-issuer': text('ISSUER', 'address of an OpenID provider that people sign in with'),
  'oidc-client-id': text('CLIENT_ID', 'what the registry is called there'),
  'oidc-client-secret': text('CLIENT_SECRET', 'its secret: better not as a flag'),
  'oidc-scopes': text('SCOPES', 'what is asked for', 'openid profile'),
  'oidc-name': text('NAME', 'the claim that becomes the account’s name', 'preferred_username'),
  'oidc-groups': text('GROUPS', 'the claim that tells groups', 'groups'),
  'oidc-create': {
    type: 'boolean',
    environment: 'SLIPWAY_REGISTRY_OIDC_CREATE',
    fallback: false,
    about:
      'who signs in with it for the first time gets an account: not with a provider that everyone has an account at',
  },
  'oidc-label': text('LABEL', 'what the page calls it', 'OpenID'),
} as const

export type OidcName = keyof typeof oidcSettings

/** Throws invalid with a sentence for the person who typed it. */
export const oidcFrom = (setting: (name: OidcName) => unknown): OidcSettings | undefined => {
  const of = (name: OidcName): string => String(setting(name))
  const issuer = of('oidc-issuer')
  if (issuer === '') return undefined
  if (!/^https?:\/\//.test(issuer) || !URL.canParse(issuer)) {
    throw invalid(`invalid address of a provider ${JSON.stringify(issuer)}: use https://HOST`)
  }
  const { protocol, hostname } = new URL(issuer)
  if (protocol === 'http:' && !isLoopback(hostname.replace(/^\[|\]$/g, ''))) {
    throw invalid(`what ${hostname} says could be changed on its way: use https://`)
  }
  if (of('oidc-client-id') === '' || of('oidc-client-secret') === '') {
    throw invalid('a provider needs --oidc-client-id and --oidc-client-secret')
  }
  return {
    issuer,
    clientId: of('oidc-client-id'),
    clientSecret: of('oidc-client-secret'),
    scopes: of('oidc-scopes'),
    nameClaim: of('oidc-name'),
    groupsClaim: of('oidc-groups'),
    create: setting('oidc-create') === true,
    label: of('oidc-label'),
  }
}
