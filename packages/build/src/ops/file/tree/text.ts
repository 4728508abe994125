import { hash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { invalid } from '@slipway/core'
import type { Node } from './node.ts'

/** A file that stands in the Dockerfile. */
export const textNode = (text: string): Node => {
  const bytes = Buffer.from(text)
  return {
    kind: 'file',
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: bytes.length,
    mtimeNs: 0n,
    device: { format: 0, number: 0n },
    identity: '',
    writesPlain: false,
    names: () => [],
    child: () => undefined,
    target: () => '',
    read: () => bytes,
    content: () => [bytes],
    hash: () => hash('sha256', bytes),
    writeTo: (path, mode) => writeFileSync(path, bytes, { flag: 'wx', mode }),
    xattrs: () => new Map(),
    part: () => {
      throw invalid('a text has no place on the disk')
    },
  }
}
