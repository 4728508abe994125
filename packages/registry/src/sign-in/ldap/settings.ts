import { invalid } from '@slipway/core'
import { isLoopback } from '@slipway/http'

/** A directory that knows people and their passwords. */
export interface LdapSettings {
  readonly url: string
  readonly startTls: boolean
  /** A file (PEM): who signed the directory's certificate, if it isn't one that everyone knows. */
  readonly ca: string | undefined
  /** Where people are, by their own words; or `userDn`, which names them without looking. */
  readonly search: { readonly base: string; readonly filter: string } | undefined
  readonly userDn: string | undefined
  /** Who looks; without, nobody in particular does. */
  readonly bind: { readonly dn: string; readonly password: string } | undefined
  readonly nameAttribute: string
  /** What never changes about a person. */
  readonly idAttribute: string
  readonly groups: { readonly base: string; readonly filter: string } | undefined
}

const text = (environment: string, about: string, fallback = '') =>
  ({ type: 'string', environment: `SLIPWAY_REGISTRY_LDAP_${environment}`, fallback, about }) as const

export const ldapSettings = {
  'ldap-url': text('URL', 'ldaps://HOST, or ldap://HOST: a directory whose people sign in with their passwords there'),
  'ldap-start-tls': {
    type: 'boolean',
    environment: 'SLIPWAY_REGISTRY_LDAP_START_TLS',
    fallback: false,
    about: 'ask an ldap:// directory for TLS',
  },
  'ldap-ca': text('CA', 'certificate (PEM) of who signed the directory’s'),
  'ldap-bind-dn': text('BIND_DN', 'who looks for people'),
  'ldap-bind-password': text('BIND_PASSWORD', 'its password: better not as a flag'),
  'ldap-base': text('BASE', 'below what people are looked for: ou=people,dc=example,dc=org'),
  'ldap-filter': text('FILTER', 'how one is found', '(uid={user})'),
  'ldap-user-dn': text('USER_DN', 'in place of looking: uid={user},ou=people,dc=example,dc=org'),
  'ldap-name': text('NAME', 'the attribute that becomes the account’s name', 'uid'),
  'ldap-id': text('ID', 'the attribute that never changes', 'entryUUID'),
  'ldap-group-base': text('GROUP_BASE', 'below what groups are looked for'),
  'ldap-group-filter': text(
    'GROUP_FILTER',
    'which ones somebody is in',
    '(|(member={dn})(uniqueMember={dn})(memberUid={user}))',
  ),
} as const

export type LdapName = keyof typeof ldapSettings

const checkUrl = (text: string, startTls: boolean): void => {
  const url = /^ldaps?:\/\//.test(text) && URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined) throw invalid(`invalid address of a directory ${JSON.stringify(text)}: use ldaps://HOST`)
  if (url.protocol === 'ldap:' && !startTls && !isLoopback(url.hostname.replace(/^\[|\]$/g, ''))) {
    throw invalid(`passwords would go to ${url.host} unprotected: use ldaps://, or --ldap-start-tls`)
  }
}

/** Throws invalid with a sentence for the person who typed it. */
export const ldapFrom = (setting: (name: LdapName) => unknown): LdapSettings | undefined => {
  const of = (name: LdapName): string => String(setting(name))
  const url = of('ldap-url')
  if (url === '') return undefined
  const startTls = setting('ldap-start-tls') === true
  checkUrl(url, startTls)
  const [base, userDn, groupBase] = [of('ldap-base'), of('ldap-user-dn'), of('ldap-group-base')]
  if ((base === '') === (userDn === '')) throw invalid('a directory needs either --ldap-base or --ldap-user-dn')
  const template = userDn === '' ? of('ldap-filter') : userDn
  if (!template.includes('{user}')) throw invalid(`there is no {user} in ${JSON.stringify(template)}`)
  return {
    url,
    startTls,
    ca: of('ldap-ca') || undefined,
    search: base === '' ? undefined : { base, filter: of('ldap-filter') },
    userDn: userDn || undefined,
    bind: of('ldap-bind-dn') === '' ? undefined : { dn: of('ldap-bind-dn'), password: of('ldap-bind-password') },
    nameAttribute: of('ldap-name'),
    idAttribute: of('ldap-id'),
    groups: groupBase === '' ? undefined : { base: groupBase, filter: of('ldap-group-filter') },
  }
}
