/** Who is asking. */
export interface Identity {
  readonly kind: 'anonymous' | 'user' | 'robot'
  readonly name: string
  readonly groups: readonly string[]
}

export type Action = 'pull' | 'push' | 'delete' | 'manage'

export interface Resource {
  readonly kind: 'repository' | 'project' | 'system'
  readonly name: string
}

export type Credentials =
  | { readonly scheme: 'basic'; readonly user: string; readonly password: string }
  | { readonly scheme: 'bearer'; readonly token: string }
  | { readonly scheme: 'none' }

/** Who is it? Several are asked in turn; the first that knows answers. Throws unauthenticated on a wrong secret. */
export interface Authenticator {
  identify(credentials: Credentials): Promise<Identity | undefined>
}

/** May they? */
export interface Authorizer {
  allows(who: Identity, action: Action, on: Resource): Promise<boolean>
}
