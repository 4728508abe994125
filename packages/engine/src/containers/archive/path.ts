import { posix } from 'node:path'
import { invalid, SlipwayError } from '@slipway/core'

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
export const fileNotFound = (path: string, container: string): SlipwayError =>
  new SlipwayError('not-found', `Could not find the file ${path} in container ${container}`)
