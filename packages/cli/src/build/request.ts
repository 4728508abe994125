import { createHash } from 'node:crypto'
import { hostname } from 'node:os'
import { basename, join } from 'node:path'
import {
  type Methods,
  offerAgents,
  offerBlobs,
  offerCredentials,
  offerFiles,
  offerHealth,
  offerLayouts,
  offerOutputs,
  offerSecrets,
  offerUploads,
} from '@slipway/buildkit/client'
import type { Session } from '../command.ts'
import { readProxies } from '../config/proxies.ts'
import { Exit } from '../exit.ts'
import { type BuildSource, openSource, type WebDockerfile } from './context.ts'
import { credentialsFor } from './credentials.ts'
import type { BuildFlags } from './flags.ts'
import type { NamedContexts } from './named-context.ts'
import { entitlementsOf, frontendOptions } from './options.ts'
import { type BuildOutput, readOutputs } from './output.ts'
import { isRemote } from './remote.ts'
import { readSecrets } from './secret.ts'

/** A command line, read: what the daemon is asked for, and what it is offered. */
export interface BuildRequest extends AsyncDisposable {
  readonly options: ReadonlyMap<string, string>
  readonly entitlements: readonly string[]
  readonly outputs: readonly BuildOutput[]
  readonly caches: readonly ReadonlyMap<string, string>[]
  readonly offered: Methods
  readonly sharedKey: string
  /** The Dockerfile as its user would name it. */
  readonly dockerfile: string
  /** To be read before anything else is done. */
  readonly webDockerfile: WebDockerfile | undefined
}

/** The same for the same files on the same machine, and nobody else's. */
const sharedKeyOf = (identity: string): string => {
  const whose = [hostname(), String(process.getuid?.() ?? 0), identity].join('\0')
  return `${basename(identity)}:${createHash('sha256').update(whose).digest('hex')}`
}

const dockerfilePath = ({ options, webDockerfile }: BuildSource, source: string, file: string | undefined): string => {
  if (file !== undefined && file !== '-' && webDockerfile === undefined) return file
  const name = options.get('filename') ?? 'Dockerfile'
  return source === '-' || isRemote(source) || file === '-' || webDockerfile ? name : join(source, name)
}

/** `type=local,dest=cache`; an image's name alone is a registry's. */
const readCache = (text: string): ReadonlyMap<string, string> =>
  text.includes('=')
    ? new Map(text.split(',').map((field) => field.split(/=(.*)/s, 2) as [string, string]))
    : new Map([
        ['type', 'registry'],
        ['ref', text],
      ])

const noContexts: NamedContexts = { options: new Map(), directories: new Map(), layouts: new Map() }

/** Loaded by who names some. */
const readContexts = async (texts: readonly string[]): Promise<NamedContexts> =>
  texts.length === 0 ? noContexts : await (await import('./named-context.ts')).readNamedContexts(texts)

/** How the daemon calls the store in which it puts the blobs of a layout that is asked for. */
const layoutStore = 'export'

/** The directory that becomes a layout, by the name that the daemon has for it. */
const layoutsOf = (outputs: readonly BuildOutput[]): ReadonlyMap<string, string> => {
  const roots = new Set(outputs.flatMap(({ layout }) => layout ?? []))
  if (roots.size > 1) throw new Exit(1, 'ERROR: failed to build: only one output can be an OCI layout')
  return new Map([...roots].map((root) => [layoutStore, root]))
}

/** Reads everything that a command line names. Throws Exit before the daemon is asked for anything. */
export const readRequest = async (flags: BuildFlags, source: string, session: Session): Promise<BuildRequest> => {
  const { console, env } = session
  const options = frontendOptions(flags, env, await readProxies(session))
  const entitlements = entitlementsOf(flags.allow, flags.network)
  const outputs = readOutputs({ ...flags, tag: flags.tag }, console.stdout)
  const secrets = await readSecrets(flags.secret, env)
  const agents = flags.ssh.length === 0 ? new Map() : await (await import('./ssh.ts')).readAgents(flags.ssh, env)
  const named = await readContexts(flags['build-context'])
  const opened = await openSource(source, flags.file, console.stdin)
  const targets = outputs.flatMap(({ target }, number) => (target === undefined ? [] : [[number, target] as const]))
  const layouts = layoutsOf(outputs)
  return {
    options: new Map([...options, ...opened.options, ...named.options, ...attestations(flags), ...own(flags)]),
    entitlements,
    outputs,
    caches: flags['cache-to'].map(readCache),
    offered: {
      ...offerHealth,
      ...offerFiles(new Map([...opened.directories, ...named.directories])),
      ...offerSecrets(secrets),
      ...offerAgents(agents),
      ...offerCredentials(credentialsFor(session.config)),
      ...offerOutputs(new Map(targets)),
      ...offerUploads(opened.uploads),
      ...offerLayouts(new Map([...named.layouts, ...layouts])),
      ...(layouts.size === 0 ? {} : offerBlobs(layouts)),
    },
    sharedKey: sharedKeyOf(opened.identity),
    dockerfile: dockerfilePath(opened, source, flags.file),
    webDockerfile: opened.webDockerfile,
    [Symbol.asyncDispose]: async () => await opened[Symbol.asyncDispose](),
  }
}

/** What only our own engine knows. */
const own = (flags: BuildFlags): readonly (readonly [string, string])[] =>
  flags['shell-on-error'] ? [['slipway:keep-failed', 'true']] : []

const isOff = (value: string): boolean => value === 'false' || value === 'disabled=true'

/** `--attest type=sbom,…`, `--sbom`, `--provenance`: which of them there are is the daemon's to say. */
const attestations = ({ attest, provenance, sbom }: BuildFlags): readonly (readonly [string, string])[] => {
  const typed = attest.map((text) => {
    const [, type = '', , rest = ''] = /^type=([^,]+)(,(.*))?$/s.exec(text) ?? []
    return [`attest:${type}`, rest] as const
  })
  const short = Object.entries({ provenance, sbom }).flatMap(([type, value]) =>
    value === undefined || isOff(value) ? [] : [[`attest:${type}`, value === 'true' ? '' : value] as const],
  )
  return [...typed.filter(([, rest]) => !isOff(rest)), ...short]
}
