/** npm and the terminal both tell us of the same Ctrl-C; nobody presses it twice within this time. */
const sameKeypressMs = 300

/** Aborted by the first SIGINT, SIGTERM or SIGHUP. A later one ends the process at once. */
export const stopSignal = (
  source: NodeJS.EventEmitter = process,
  end: (code: number) => void = process.exit,
): AbortSignal => {
  const stop = new AbortController()
  let first = 0
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    source.on(name, () => {
      const now = performance.now()
      if (!stop.signal.aborted) {
        first = now
        stop.abort()
      } else if (now - first > sameKeypressMs) end(130)
    })
  }
  return stop.signal
}

export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
