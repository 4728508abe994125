export type WaitCondition = 'not-running' | 'next-exit' | 'removed'

interface Outcome {
  readonly exitCode: number
  readonly removed: boolean
  /** Its restart policy starts it again: it counts as running. */
  readonly restarting: boolean
}

const isMet: Readonly<Record<WaitCondition, (outcome: Outcome) => boolean>> = {
  'not-running': ({ restarting }) => !restarting,
  'next-exit': () => true,
  removed: ({ removed }) => removed,
}

/** Those who wait for containers to end. */
export class ExitWaiters {
  readonly #listeners = new Map<string, Set<(outcome: Outcome) => void>>()

  /** Resolves with the exit code when the condition comes true; what is true already is for the caller to see. */
  wait(id: string, condition: WaitCondition, signal: AbortSignal): Promise<number> {
    return new Promise((resolve, reject) => {
      const listeners = this.#listeners.get(id) ?? new Set()
      this.#listeners.set(id, listeners)
      const stop = (): void => {
        listeners.delete(listener)
        if (listeners.size === 0) this.#listeners.delete(id)
      }
      const listener = (outcome: Outcome): void => {
        if (!isMet[condition](outcome)) return
        stop()
        resolve(outcome.exitCode)
      }
      listeners.add(listener)
      signal.addEventListener('abort', () => {
        stop()
        reject(signal.reason)
      })
    })
  }

  notifyExited(id: string, exitCode: number, restarting: boolean): void {
    this.#notify(id, { exitCode, restarting, removed: false })
  }

  notifyRemoved(id: string, exitCode: number): void {
    this.#notify(id, { exitCode, restarting: false, removed: true })
  }

  #notify(id: string, outcome: Outcome): void {
    for (const listener of [...(this.#listeners.get(id) ?? [])]) listener(outcome)
  }
}
