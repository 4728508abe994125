/** Waits for a turn no longer than the signal allows. One that comes later is given back at once. */
export const waitTurn = async <T>(
  turn: Promise<T>,
  giveBack: (turn: T) => unknown,
  signal: AbortSignal | undefined,
): Promise<T> => {
  if (signal === undefined) return turn
  const { promise: left, reject } = Promise.withResolvers<never>()
  const leave = (): void => reject(signal.reason)
  if (signal.aborted) leave()
  else signal.addEventListener('abort', leave, { once: true })
  try {
    return await Promise.race([turn, left])
  } catch (error) {
    turn.then(giveBack, () => {})
    throw error
  } finally {
    signal.removeEventListener('abort', leave)
  }
}
