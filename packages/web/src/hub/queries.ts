import type {
  GarbageStatus,
  HubAccessToken,
  HubAccount,
  HubBrowser,
  HubImage,
  HubInvitation,
  HubLogin,
  HubSecondFactor,
  HubSession,
  HubSignIn,
  IdentityList,
  RecoveryCodes,
  RepositoryCard,
  RepositoryPage,
  SecondFactorSecret,
  TagMoveRow,
  TagRow,
  TrashedRow,
} from '@slipway/client'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { ask, type Call } from '../calls/ask.ts'

export const hubJson = async <T>(path: string, call?: Call): Promise<T> =>
  (await (await ask(`/v1${path}`, call)).json()) as T

/** Names have slashes, which stay. */
const at = (name: string): string => `/repositories/${name}`

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: ({ signal }) => hubJson<HubSession>('/session', { signal }),
})

interface Page {
  readonly next: string | null
}

export const exploreQuery = (text: string) =>
  infiniteQueryOptions({
    queryKey: ['repository', 'list', text],
    queryFn: ({ pageParam, signal }) =>
      hubJson<Page & { readonly repositories: readonly RepositoryCard[] }>('/repositories', {
        query: { q: text, after: pageParam },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next ?? undefined,
  })

export const repositoryQuery = (name: string) =>
  queryOptions({
    queryKey: ['repository', name, 'summary'],
    queryFn: ({ signal }) => hubJson<RepositoryPage>(`${at(name)}/-/summary`, { signal }),
  })

export const tagsQuery = (name: string) =>
  infiniteQueryOptions({
    queryKey: ['repository', name, 'tags'],
    queryFn: ({ pageParam, signal }) =>
      hubJson<Page & { readonly tags: readonly TagRow[] }>(`${at(name)}/-/tags`, {
        query: { after: pageParam },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next ?? undefined,
  })

export const historyQuery = (name: string, tag: string) =>
  queryOptions({
    queryKey: ['repository', name, 'history', tag],
    queryFn: ({ signal }) =>
      hubJson<{ readonly history: readonly TagMoveRow[] }>(`${at(name)}/tags/${tag}/history`, { signal }),
  })

export const trashQuery = (name: string) =>
  queryOptions({
    queryKey: ['repository', name, 'trash'],
    queryFn: ({ signal }) => hubJson<{ readonly manifests: readonly TrashedRow[] }>(`${at(name)}/trash`, { signal }),
  })

export const imageQuery = (name: string, digest: string) =>
  queryOptions({
    queryKey: ['repository', name, 'image', digest],
    queryFn: ({ signal }) => hubJson<HubImage>(`${at(name)}/-/images/${digest}`, { signal }),
  })

export const garbageQuery = queryOptions({
  queryKey: ['garbage'],
  queryFn: ({ signal }) => hubJson<GarbageStatus>('/gc', { signal }),
  refetchInterval: 5000,
})

export const accountsQuery = infiniteQueryOptions({
  queryKey: ['accounts'],
  queryFn: ({ pageParam, signal }) =>
    hubJson<Page & { readonly accounts: readonly HubAccount[] }>('/accounts', { query: { after: pageParam }, signal }),
  initialPageParam: '',
  getNextPageParam: ({ next }) => next ?? undefined,
})

export const tokensQuery = queryOptions({
  queryKey: ['tokens'],
  queryFn: ({ signal }) => hubJson<{ readonly tokens: readonly HubAccessToken[] }>('/tokens', { signal }),
})

/** How one may come in; it changes only with the registry's settings. */
export const waysQuery = queryOptions({
  queryKey: ['ways'],
  queryFn: ({ signal }) => hubJson<HubSignIn>('/sign-in', { signal }),
  staleTime: Number.POSITIVE_INFINITY,
})

export const secondFactorQuery = queryOptions({
  queryKey: ['second-factor'],
  queryFn: ({ signal }) => hubJson<HubSecondFactor>('/second-factor', { signal }),
})

export const identitiesQuery = queryOptions({
  queryKey: ['identities'],
  queryFn: ({ signal }) => hubJson<IdentityList>('/identities', { signal }),
})

export const invitationsQuery = queryOptions({
  queryKey: ['invitations'],
  queryFn: ({ signal }) => hubJson<{ readonly invitations: readonly HubInvitation[] }>('/invitations', { signal }),
})

export const browsersQuery = queryOptions({
  queryKey: ['browsers'],
  queryFn: ({ signal }) => hubJson<{ readonly sessions: readonly HubBrowser[] }>('/sessions', { signal }),
})

/** What the form of a new account holds. */
export interface NewAccount {
  readonly name: string
  /** Missing: a robot. */
  readonly password?: string
  readonly pattern: string
  readonly actions: string
}

/** What the form of a new token holds. */
export interface NewToken {
  readonly name: string
  readonly limits?: string
  readonly expiresIn?: string
}

/** What the form of an invitation holds. */
export interface NewInvitation {
  readonly note: string
  readonly grants: string
  readonly expiresIn: string
}

/** What the form for a sign-up holds. */
export interface NewPerson {
  readonly name: string
  readonly password: string
  readonly invitation?: string
}

/** What changes something. */
export const verbs = {
  signIn: (login: HubLogin) => ask('/v1/session', { method: 'POST', json: login }),
  signUp: (person: NewPerson) => ask('/v1/sign-up', { method: 'POST', json: person }),
  unlinkIdentity: (id: string) => ask(`/v1/identities/${id}`, { method: 'DELETE' }),
  beginSecondFactor: (password: string) =>
    hubJson<SecondFactorSecret>('/second-factor', { method: 'POST', json: { password } }),
  confirmSecondFactor: (code: string) => hubJson<RecoveryCodes>('/second-factor', { method: 'PUT', json: { code } }),
  renewRecoveryCodes: (code: string) =>
    hubJson<RecoveryCodes>('/second-factor/recovery-codes', { method: 'POST', json: { code } }),
  turnOffSecondFactor: (code: string) => ask('/v1/second-factor', { method: 'DELETE', json: { code } }),
  requireSecondFactor: (name: string, required: boolean) =>
    ask(`/v1/accounts/${name}/second-factor`, { method: 'PUT', json: { required } }),
  resetSecondFactor: (name: string) => ask(`/v1/accounts/${name}/second-factor`, { method: 'DELETE' }),
  invite: (invitation: NewInvitation) =>
    hubJson<{ readonly invitation: string }>('/invitations', { method: 'POST', json: invitation }),
  removeInvitation: (id: string) => ask(`/v1/invitations/${id}`, { method: 'DELETE' }),
  signOut: () => ask('/v1/session', { method: 'DELETE' }),
  star: (name: string, on: boolean) => ask(`/v1${at(name)}/-/star`, { method: on ? 'PUT' : 'DELETE' }),
  edit: (name: string, page: Pick<RepositoryPage, 'description' | 'readme' | 'edition'>) =>
    ask(`/v1${at(name)}/-/summary`, { method: 'PUT', json: page }),
  show: (name: string, visibility: 'public' | 'private') =>
    ask(`/v1${at(name)}/-/visibility`, { method: 'PUT', json: { visibility } }),
  badge: (name: string, official: boolean) => ask(`/v1${at(name)}/-/official`, { method: 'PUT', json: { official } }),
  removeTag: (name: string, tag: string) => ask(`/v1${at(name)}/-/tags/${tag}`, { method: 'DELETE' }),
  rollBack: (name: string, tag: string, digest: string) =>
    ask(`/v1${at(name)}/tags/${tag}/rollback`, { method: 'POST', json: { digest } }),
  remove: (name: string) => ask(`/v1${at(name)}`, { method: 'DELETE' }),
  restore: (name: string, digest?: string) =>
    ask(`/v1${at(name)}/undelete`, { method: 'POST', json: digest === undefined ? {} : { digest } }),
  addAccount: (account: NewAccount) => ask('/v1/accounts', { method: 'POST', json: account }),
  removeAccount: (name: string) => ask(`/v1/accounts/${name}`, { method: 'DELETE' }),
  allow: (name: string, on: boolean) => ask(`/v1/accounts/${name}/disabled`, { method: on ? 'DELETE' : 'PUT' }),
  oneTimePassword: (name: string) =>
    hubJson<{ readonly password: string }>(`/accounts/${name}/one-time-password`, { method: 'POST' }),
  endSession: (id: string) => ask(`/v1/sessions/${id}`, { method: 'DELETE' }),
  grant: (name: string, grant: Pick<NewAccount, 'pattern' | 'actions'>) =>
    ask(`/v1/accounts/${name}/grants`, { method: 'PUT', json: grant }),
  revoke: (name: string, pattern: string) =>
    ask(`/v1/accounts/${name}/grants`, { method: 'DELETE', query: { pattern } }),
  changePassword: (old: string, password: string) =>
    ask('/v1/password', { method: 'PUT', json: { old, new: password } }),
  addToken: (token: NewToken) => hubJson<{ readonly token: string }>('/tokens', { method: 'POST', json: token }),
  removeToken: (id: string) => ask(`/v1/tokens/${id}`, { method: 'DELETE' }),
  collect: () => ask('/v1/gc/run', { method: 'POST' }),
} as const
