/** What a person or a supervisor sends to a program; the others are the kernel's own business with us. */
const forwarded = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGUSR1', 'SIGUSR2', 'SIGCONT', 'SIGALRM'] as const

/** Hands signals on to the container instead of dying of them, until disposed of. */
export const forwardSignals = (send: (signal: string) => Promise<void>): Disposable => {
  const onSignal = (signal: NodeJS.Signals): void => {
    send(signal).catch(() => undefined)
  }
  for (const signal of forwarded) process.on(signal, onSignal)
  return {
    [Symbol.dispose]: () => {
      for (const signal of forwarded) process.off(signal, onSignal)
    },
  }
}
