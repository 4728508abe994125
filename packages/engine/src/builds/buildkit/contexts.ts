import { isGit, localSource, type NamedContext } from '@slipway/build'
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

/** `--build-context name=address`. Throws invalid, and unsupported for kinds that aren't there. */
export const readContexts = async (
  parts: FrontendParts,
  options: FrontendOptions,
): Promise<ReadonlyMap<string, NamedContext>> => {
  const found = new Map<string, NamedContext>()
  for (const [option, value] of options) {
    if (!option.startsWith(prefix)) continue
    const name = option.slice(prefix.length).replace(/::.*$/, '')
    if (isElsewhere(value)) {
      const { source, ignore, modifiedAt } = parts.job.use(await openElsewhere(value, parts))
      const edge = localSource(source, ignore)
      found.set(name, { kind: 'source', edge, ...(modifiedAt === undefined ? {} : { modifiedAt }) })
      continue
    }
    const [, scheme = '', address = ''] = /^([a-z-]+):(.*)$/s.exec(value) ?? []
    const read = Object.hasOwn(kinds, scheme) ? kinds[scheme] : undefined
    if (read === undefined) {
      throw new SlipwayError('unsupported', `unsupported context source ${scheme || value.slice(0, 80)} for ${name}`)
    }
    found.set(name, await read(address, name, parts))
  }
  return found
}
