import { readFile } from 'node:fs/promises'
import { hasErrno } from '@slipway/core'

/** A file of a cgroup, or undefined when it isn't there: the container has ended, or the kernel has no such controller. */
export const readCgroupFile = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (['ENOENT', 'ENODEV', 'EOPNOTSUPP'].some((errno) => hasErrno(error, errno))) return undefined
    throw error
  }
}

/** `max` and v1's 2^63 less a page are no limit. */
const noLimit = 2 ** 62

export const parseLimit = (text: string | undefined): number | undefined => {
  const number = text === undefined || text.trim() === 'max' ? Number.NaN : Number(text)
  return Number.isFinite(number) && number < noLimit ? number : undefined
}

/** `name number` a line. */
export const parseFlat = (text: string): Readonly<Record<string, number>> =>
  Object.fromEntries([...text.matchAll(/^(\S+) (\d+)$/gm)].map(([, name = '', value]) => [name, Number(value)]))
