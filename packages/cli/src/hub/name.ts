import { Exit } from '../exit.ts'

/** What an operand of `slipway hub` names: `[SERVER/]NAME[:TAG][@DIGEST]`. */
export interface HubName {
  /** Undefined: the one that was logged in to last. */
  readonly server: string | undefined
  readonly repository: string
  readonly tag: string | undefined
  readonly digest: string | undefined
}

const pattern = /^(?<repository>[^:@]+)(?::(?<tag>[\w][\w.-]{0,127}))?(?:@(?<digest>[a-z0-9]+:[a-f0-9]+))?$/

/** As docker reads an image's name: a first part with a dot or a colon is a server. Throws Exit. */
export const parseHubName = (text: string): HubName => {
  const [, scheme = '', first = '', rest = ''] = /^(https?:\/\/)?([^/]+)\/(.+)$/.exec(text) ?? []
  const isServer = scheme !== '' || /[.:]/.test(first) || first === 'localhost'
  const found = pattern.exec(isServer ? rest : text)?.groups
  if (found?.['repository'] === undefined) throw new Exit(1, `invalid reference format: ${text}`)
  return {
    server: isServer ? scheme + first : undefined,
    repository: found['repository'],
    tag: found['tag'],
    digest: found['digest'],
  }
}

/** The same, where a tag must be. Throws Exit. */
export const parseTagged = (text: string): HubName & { readonly tag: string } => {
  const { tag, ...name } = parseHubName(text)
  if (tag === undefined) throw new Exit(1, `invalid reference format: ${text}: write REPOSITORY:TAG`)
  return { ...name, tag }
}
