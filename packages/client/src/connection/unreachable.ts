import { SlipwayError } from '@slipway/core'

const away = (host: string): string =>
  `Cannot connect to the engine at ${host}. Is it running? ("slipway engine" starts it.)`

const sentences: Readonly<Record<string, (host: string) => string>> = {
  ENOENT: away,
  ECONNREFUSED: away,
  EHOSTUNREACH: away,
  ENETUNREACH: away,
  EACCES: (host) => `permission denied while trying to connect to the engine at ${host}`,
  ENOTFOUND: (host) => `Cannot connect to the engine at ${host}: no such host`,
}

/** What a failed connection says to a person. */
export const unreachable = (host: string, error: unknown): SlipwayError => {
  const { code = '', message } = error as NodeJS.ErrnoException
  if (code === 'ABORT_ERR') return new SlipwayError('cancelled', 'context canceled', { cause: error })
  const sentence = sentences[code]?.(host) ?? `error during connect to ${host}: ${message}`
  return new SlipwayError('unavailable', sentence, { cause: error })
}
