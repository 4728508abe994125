import { readFile } from 'node:fs/promises'
import { type ContextEndpoint, readContext, type TlsFile } from '../../config/contexts.ts'
import { type ContextChoice, implicitContext } from '../../config/current-context.ts'
import { Exit, fileProblem } from '../../exit.ts'
import { type Flag, makeFlag } from '../../flags/flag.ts'

const keys = ['from', 'host', 'ca', 'cert', 'key', 'skip-tls-verify'] as const
export type EndpointWords = Readonly<Partial<Record<(typeof keys)[number], string>>>

const readWords = (text: string, before: EndpointWords | undefined): EndpointWords => {
  const words: Record<string, string> = { ...before }
  for (const pair of text.split(',')) {
    const equals = pair.indexOf('=')
    if (equals === -1) throw new Error(`${pair} must be formatted as key=value`)
    words[pair.slice(0, equals)] = pair.slice(equals + 1)
  }
  return words
}

/** What `--help` of the commands that take it says of it. */
export const endpointDetails = (verb: string): string => `What --docker takes:

NAME                DESCRIPTION
from                Copy the endpoint of a named context
host                Engine to connect to
ca                  Trust certs signed only by this CA
cert                Path to TLS certificate file
key                 Path to TLS key file
skip-tls-verify     Skip TLS certificate validation

Example:

slipway context ${verb} far --docker "host=tcp://engine.example:2376,ca=ca.pem,cert=cert.pem,key=key.pem"`

/** `--docker host=…,ca=…`: how an engine is reached, in docker's words. */
export const endpointFlag: Flag<EndpointWords | undefined> = makeFlag<EndpointWords | undefined>(
  '',
  'set the engine endpoint',
  undefined,
  readWords,
  { placeholder: 'stringToString', shownDefault: '[]' },
)

export interface NewEndpoint {
  readonly endpoint: ContextEndpoint
  readonly tls: Readonly<Partial<Record<TlsFile, string>>>
}

const readPem = (path: string): Promise<string> =>
  readFile(path, 'utf8').catch((error: unknown) => {
    throw new Exit(1, `unable to create docker endpoint config: ${fileProblem(error, path)}`)
  })

/** What the words say, with the PEM files read. Throws Exit. */
export const readEndpoint = async (
  words: EndpointWords,
  { directory, ...choice }: Pick<ContextChoice, 'flags' | 'env'> & { readonly directory: string },
): Promise<NewEndpoint> => {
  const unknown = Object.keys(words).find((key) => !(keys as readonly string[]).includes(key))
  if (unknown !== undefined) {
    throw new Exit(1, `unable to create docker endpoint config: unrecognized config key: ${unknown}`)
  }
  if (words.from !== undefined) {
    const { Endpoints } = words.from === 'default' ? implicitContext(choice) : await readContext(directory, words.from)
    return { endpoint: Endpoints.docker ?? { Host: '', SkipTLSVerify: false }, tls: {} }
  }
  const files = (['ca', 'cert', 'key'] as const).filter((name) => words[name])
  const read = await Promise.all(files.map(async (name) => [name, await readPem(words[name] ?? '')] as const))
  const skip = words['skip-tls-verify'] ?? 'false'
  return {
    endpoint: { Host: words.host ?? '', SkipTLSVerify: skip === 'true' || skip === '1' },
    tls: Object.fromEntries(read),
  }
}
