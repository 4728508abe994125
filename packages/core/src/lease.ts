/** Something the garbage collector must not take. */
export type Held = { readonly kind: 'content' | 'snapshot'; readonly name: string }

/**
 * Keeps what is not referenced yet safe from the garbage collector:
 * `await using lease = await leases.take('pull alpine')`. Leases live as long as the process: after a crash nothing is
 * held, and what was half done is garbage.
 */
export interface Leases {
  take(reason: string): Lease
  isHeld(held: Held): boolean
}

export interface Lease extends AsyncDisposable {
  hold(held: Held): void
}
