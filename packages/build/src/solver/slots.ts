/** Lets only so many work at a time; the others wait in line. */
export const slots = (most: number): (<T>(work: () => Promise<T>) => Promise<T>) => {
  let free = most
  const waiting: (() => void)[] = []
  const enter = async (): Promise<void> => {
    if (free > 0) free -= 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
  }
  const leave = (): void => {
    const next = waiting.shift()
    if (next === undefined) free += 1
    else next()
  }
  return async (work) => {
    await enter()
    try {
      return await work()
    } finally {
      leave()
    }
  }
}
