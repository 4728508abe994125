import { readFile } from 'node:fs/promises'
import { findFirstBinary } from '@slipway/linux'
import { packTar, type TarInput, tarHeader } from '@slipway/store'
import { run } from '../run.ts'

const busyboxPath = (): string => {
  const path = findFirstBinary('busybox-static', 'busybox')
  if (path === undefined) throw new Error('busybox (of busybox-static) was not found in PATH')
  return path
}

const directory = (name: string): TarInput => ({ header: tarHeader({ name, type: 'directory', mode: 0o755 }) })
const file = (name: string, body: Uint8Array, mode = 0o644): TarInput => ({
  header: tarHeader({ name, type: 'file', mode, size: body.length }),
  body,
})

/** A root file system of busybox and its applets, as a tar: 2 MB, 400 entries. */
export async function* busyboxFiles(): AsyncGenerator<Uint8Array> {
  const path = busyboxPath()
  const binary = await readFile(path)
  const applets = (await run([path, '--list'])).split('\n').filter((name) => name !== '' && name !== 'busybox')
  yield* packTar([
    ...['bin', 'dev', 'etc', 'proc', 'root', 'sys', 'tmp'].map((name) => directory(`${name}/`)),
    file('bin/busybox', binary, 0o755),
    ...applets.map((name) => ({
      header: tarHeader({ name: `bin/${name}`, type: 'symlink', mode: 0o777, linkname: 'busybox' }),
    })),
    file('etc/passwd', Buffer.from('root:x:0:0:root:/root:/bin/sh\n')),
    file('etc/group', Buffer.from('root:x:0:\n')),
  ])
}

/** An image like no other, of one small file. */
export const tinyFiles = (content: string): AsyncIterable<Uint8Array> =>
  packTar([file('content', Buffer.from(content))])
