/** Runs at most `most` bodies at once; the others wait in line. */
export const createLimiter = (most: number): (<T>(body: () => Promise<T>) => Promise<T>) => {
  const waiting: (() => void)[] = []
  let free = most
  return async (body) => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve))
    else free -= 1
    try {
      return await body()
    } finally {
      const next = waiting.shift()
      if (next === undefined) free += 1
      else next()
    }
  }
}
