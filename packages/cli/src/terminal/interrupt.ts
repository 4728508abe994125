/** Ctrl-C, and what a supervisor sends, abort the signal instead of ending the program; a second one ends it. */
export const onInterrupt = (): Disposable & { readonly signal: AbortSignal } => {
  const controller = new AbortController()
  const stop = (): void => controller.abort()
  const names = ['SIGINT', 'SIGTERM'] as const
  for (const name of names) process.once(name, stop)
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      for (const name of names) process.off(name, stop)
    },
  }
}
