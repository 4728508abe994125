import { isIP } from 'node:net'
import { invalid } from '@slipway/core'

/** Where a server listens. */
export interface Address {
  readonly host: string
  /** 0: any free one. */
  readonly port: number
}

/** `127.0.0.1:5000`, `[::1]:5000`, `:5000` (everywhere). Throws invalid. */
export const parseAddress = (text: string): Address => {
  const parts = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(text)
  const port = Number(parts?.[3])
  if (parts === null || port > 65535) throw invalid(`invalid address ${JSON.stringify(text)}: use HOST:PORT`)
  return { host: parts[1] || parts[2] || '0.0.0.0', port }
}

/** Whether only this machine can reach the address. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
