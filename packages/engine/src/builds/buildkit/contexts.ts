import { isGit, localSource, type NamedContext, type OpenContext } from '@slipway/build'
import { receiveTexts } from '@slipway/buildkit'
import { invalid, parseIgnoreFile, SlipwayError } from '@slipway/core'
import { sessionFiles } from './context.ts'
import type { FrontendParts } from './frontend.ts'
import { layoutContext } from './layout-context.ts'
import type { FrontendOptions } from './options.ts'
import { openElsewhere } from './remote-context.ts'

const prefix = 'context:'
const mostIgnoreText = 1 << 20

/** A directory of the client, with an ignore file of its own. */
const localContext = async (parts: FrontendParts, name: string, directory: string): Promise<NamedContext> => {
  const { session, contexts, job, signal } = parts
  const texts = await receiveTexts(session, { directory, follow: ['.dockerignore'] }, mostIgnoreText, signal)
  const text = texts.get('.dockerignore')
  const label = `context ${name}`
  return {
    kind: 'remote',
    files: sessionFiles({ session, directory, contexts, progress: job.progress, label, prefix: `[context ${name}]` }),
    ignore: text === undefined ? [] : parseIgnoreFile(text),
  }
}

/** What each kind of address means. */
const kinds: Readonly<Record<string, (address: string, name: string, parts: FrontendParts) => Promise<NamedContext>>> =
  {
    'docker-image': async (address) => ({ kind: 'image', reference: address.replace(/^\/\//, '') }),
    'oci-layout': layoutContext,
    local: (address, name, parts) => localContext(parts, name, address),
    async input(address, _name, { inputs }) {
      const built = await inputs.get(address)?.()
      if (built === undefined)
        throw invalid(`invalid input ${JSON.stringify(address)}: it isn't the result of a build here`)
      return { kind: 'built', config: built.config }
    },
  }

const isElsewhere = (address: string): boolean => isGit(address) || /^https?:\/\//i.test(address)

const openContext = async (name: string, value: string, parts: FrontendParts): Promise<NamedContext> => {
  if (isElsewhere(value)) {
    const { source, ignore, modifiedAt } = parts.job.use(await openElsewhere(value, parts))
    const edge = localSource(source, ignore)
    return { kind: 'source', edge, ...(modifiedAt === undefined ? {} : { modifiedAt }) }
  }
  const [, scheme = '', address = ''] = /^([a-z-]+):(.*)$/s.exec(value) ?? []
  const read = Object.hasOwn(kinds, scheme) ? kinds[scheme] : undefined
  if (read === undefined) {
    throw new SlipwayError('unsupported', `unsupported context source ${scheme || value.slice(0, 80)} for ${name}`)
  }
  return await read(address, name, parts)
}

/**
 * `--build-context name=address`. Each is opened when the Dockerfile needs it, once; that throws invalid, and unsupported for
 * kinds that aren't there.
 */
export const readContexts = (parts: FrontendParts, options: FrontendOptions): ReadonlyMap<string, OpenContext> =>
  new Map(
    [...options].flatMap(([option, value]) => {
      if (!option.startsWith(prefix)) return []
      const name = option.slice(prefix.length).replace(/::.*$/, '')
      let opened: Promise<NamedContext> | undefined
      const open = (): Promise<NamedContext> => {
        opened ??= openContext(name, value, parts)
        return opened
      }
      return [[name, open] as const]
    }),
  )
