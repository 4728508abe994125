import { writeFileSync } from 'node:fs'
import { invalid } from '@slipway/core'

/**
 * `net.ipv4.ip_forward` as a path. A key that has slashes is split at them, as sysctl(8) does, since names of links may
 * hold dots. Only `net`, which each network namespace has its own of. Throws invalid.
 */
export const sysctlPath = (key: string): string => {
  const parts = key.split(key.includes('/') ? '/' : '.')
  const safe = parts.every((part) => /^[\w.:@-]+$/.test(part) && part !== '.' && part !== '..')
  if (!safe || parts[0] !== 'net' || parts.length < 2) {
    throw invalid(`invalid network sysctl: ${JSON.stringify(key.slice(0, 160))}`)
  }
  return `/proc/sys/${parts.join('/')}`
}

/** In the network namespace that the thread is in. Throws ENOENT for a key that isn't there. */
export const writeSysctl = (key: string, value: string | number): void => {
  writeFileSync(sysctlPath(key), `${value}\n`, { flag: 'r+' })
}
