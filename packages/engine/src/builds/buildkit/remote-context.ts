import { bytesMessage, type ClientSession, sessionMethods } from '@slipway/buildkit'
import { type ElsewhereContext, fetchElsewhere, gitAddress, readArchiveOrDockerfile } from '../elsewhere.ts'
import type { FrontendParts } from './frontend.ts'

type Parts = Pick<FrontendParts, 'worker' | 'session' | 'job' | 'signal'> & { readonly keepGitDir?: boolean }

const uploadHost = 'buildkit-session'

/** What the client has on its standard input. */
async function* upload(session: ClientSession, path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const conversation = session.client.open(sessionMethods.upload, signal, { urlpath: path })
  conversation.finish()
  for await (const message of conversation.messages) yield bytesMessage.decode(message).data
}

const open = (address: string, parts: Parts): Promise<ElsewhereContext> => {
  const { host, pathname } = URL.canParse(address) ? new URL(address) : { host: '', pathname: '' }
  if (host !== uploadHost) return fetchElsewhere(address, parts)
  return readArchiveOrDockerfile({ bytes: upload(parts.session, pathname, parts.signal), modifiedAt: undefined }, parts)
}

/** A git repository, an archive from the web or from the client's standard input. Shown as a step. Throws unsupported. */
export const openElsewhere = async (
  address: string,
  parts: Parts,
): Promise<ElsewhereContext & { readonly vertex: string }> => {
  const isRepository = gitAddress(address) !== undefined
  const step = parts.job.progress.step(
    isRepository ? `[internal] load git source ${address}` : '[internal] load remote build context',
  )
  step.start()
  try {
    const opened = await open(address, parts)
    step.finish()
    return { ...opened, vertex: step.digest }
  } catch (error) {
    step.finish({ error })
    throw error
  }
}
