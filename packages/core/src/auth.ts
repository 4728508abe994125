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

/** May they? */
export interface Authorizer {
  allows(who: Identity, action: Action, on: Resource): Promise<boolean>
}
