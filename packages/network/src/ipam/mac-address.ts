import { createHash } from 'node:crypto'
import { parseAddress } from './cidr.ts'

/** `02:42:ac:11:00:02` for 172.17.0.2: the same address always has the same MAC, so no neighbour keeps a stale one. */
export const macAddressFor = (address: string): string => {
  const { family, value } = parseAddress(address)
  const bytes =
    family === 4
      ? [24n, 16n, 8n, 0n].map((shift) => Number((value >> shift) & 255n))
      : [...createHash('sha256').update(address).digest().subarray(0, 4)]
  return ['02', '42', ...bytes.map((byte) => byte.toString(16).padStart(2, '0'))].join(':')
}
