import { isIP } from 'node:net'
import { invalid } from '@slipway/core'

/** `127.0.0.1:5080`, `[::1]:5080`. Throws invalid. */
export const parseListen = (text: string): { readonly host: string; readonly port: number } => {
  const parts = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text)
  const port = Number(parts?.[3])
  if (parts === null || port > 65535) throw invalid(`invalid address ${JSON.stringify(text)}: use HOST:PORT`)
  return { host: parts[1] ?? parts[2] ?? '', port }
}

/** Whether only this machine can reach the address. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
