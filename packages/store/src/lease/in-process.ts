import type { Held, Lease, Leases } from '@slipway/core'

const keyOf = ({ kind, name }: Held): string => `${kind} ${name}`

/** Leases of this process, counted. A process that dies holds nothing any more, as it should be. */
export class InProcessLeases implements Leases {
  readonly #holders = new Map<string, number>()

  take(_reason: string): Lease {
    const held = new Set<string>()
    return {
      hold: (what) => {
        const key = keyOf(what)
        if (held.has(key)) return
        held.add(key)
        this.#holders.set(key, (this.#holders.get(key) ?? 0) + 1)
      },
      [Symbol.asyncDispose]: async () => {
        for (const key of held) {
          const left = (this.#holders.get(key) ?? 0) - 1
          if (left > 0) this.#holders.set(key, left)
          else this.#holders.delete(key)
        }
        held.clear()
      },
    }
  }

  isHeld(held: Held): boolean {
    return this.#holders.has(keyOf(held))
  }
}
