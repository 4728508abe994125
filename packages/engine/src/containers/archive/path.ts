import { posix } from 'node:path'
import { invalid, SlipwayError } from '@slipway/core'
import type { ApiRequest } from '@slipway/http'
import type { ContainerRoom } from '../room.ts'

/**
 * A path of a request as an absolute one in the container. A slash or `/.` at the end stays: it asks for what a symlink
 * leads to. Throws invalid when there is none.
 */
export const containerPath = (text: string | null): string => {
  if (!text) throw invalid("bad parameter: 'path' cannot be empty")
  if (text.includes('\0')) throw invalid("bad parameter: 'path' must not contain a zero byte")
  const path = posix.join('/', text)
  return /(?:^|\/)\.$/.test(text) ? `${posix.join(path, '/')}.` : path
}

/** docker's words, which its clients look for. */
const fileNotFound = (path: string, container: string): SlipwayError =>
  new SlipwayError('not-found', `Could not find the file ${path} in container ${container}`)

/**
 * Which container's file a request is about, and the error that tells that there is no such file. Throws invalid, and
 * not-found when there is no such container.
 */
export const askedFile = ({ records }: Pick<ContainerRoom, 'records'>, { params, query }: ApiRequest) => {
  const [typed, container] = [query.get('path'), params['id'] ?? '']
  const path = containerPath(typed)
  return { path, record: records.find(container), missing: () => fileNotFound(typed ?? '', container) }
}
