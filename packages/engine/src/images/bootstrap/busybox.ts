import { open, readFile, realpath } from 'node:fs/promises'
import { SlipwayError } from '@slipway/core'
import { findFirstBinary } from '@slipway/linux'
import { packTar, type TarInput, tarHeader } from '@slipway/store'
import { type Base, type BaseRequest, defaultPath } from './base.ts'
import { run } from './run.ts'

const directories: readonly (readonly [name: string, mode: number])[] = [
  ['bin', 0o755],
  ['dev', 0o755],
  ['etc', 0o755],
  ['home', 0o755],
  ['proc', 0o755],
  ['root', 0o700],
  ['sbin', 0o755],
  ['sys', 0o755],
  ['tmp', 0o1777],
  ['usr', 0o755],
  ['usr/bin', 0o755],
  ['usr/sbin', 0o755],
  ['var', 0o755],
  ['var/spool', 0o755],
  ['var/www', 0o755],
]

/** Who is who, as in Debian's base-passwd. */
const files: Readonly<Record<string, string>> = {
  'etc/group': [
    'root:x:0:',
    'daemon:x:1:',
    'bin:x:2:',
    'sys:x:3:',
    'adm:x:4:',
    'tty:x:5:',
    'disk:x:6:',
    'mail:x:8:',
    'utmp:x:43:',
    'users:x:100:',
    'www-data:x:33:',
    'nogroup:x:65534:',
    '',
  ].join('\n'),
  'etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
  'etc/passwd': [
    'root:x:0:0:root:/root:/bin/sh',
    'daemon:x:1:1:daemon:/usr/sbin:/bin/false',
    'bin:x:2:2:bin:/bin:/bin/false',
    'sys:x:3:3:sys:/dev:/bin/false',
    'mail:x:8:8:mail:/var/mail:/bin/false',
    'www-data:x:33:33:www-data:/var/www:/bin/false',
    'nobody:x:65534:65534:nobody:/home:/bin/false',
    '',
  ].join('\n'),
}

/** An ELF program that names an interpreter (PT_INTERP) needs libraries, which the image would not have. */
const isStatic = async (path: string): Promise<boolean> => {
  await using file = await open(path)
  const { buffer } = await file.read(Buffer.alloc(4096), 0, 4096, 0)
  const isElf64 = buffer.readUInt32BE(0) === 0x7f454c46 && buffer[4] === 2
  if (!isElf64) return false
  const [start, size, count] = [Number(buffer.readBigUInt64LE(32)), buffer.readUInt16LE(54), buffer.readUInt16LE(56)]
  for (let at = start; at < start + size * count && at + 4 <= buffer.length; at += size) {
    if (buffer.readUInt32LE(at) === 3) return false
  }
  return true
}

/** The applets, as paths: `bin/sh`, `usr/bin/env`. */
const listApplets = async (binary: string, signal: AbortSignal | undefined): Promise<readonly string[]> => {
  const listed = Buffer.concat(await Array.fromAsync(run(binary, ['--list-full'], { signal })))
  return listed
    .toString('utf8')
    .split('\n')
    .filter((path) => /^(?:usr\/)?s?bin\/[^/\s]+$/.test(path) && path !== 'bin/busybox')
}

/** All of 1970: nothing in it depends on when it was made. */
function* tarOf(binary: Buffer, applets: readonly string[]): Generator<TarInput> {
  for (const [name, mode] of directories) yield { header: tarHeader({ name: `${name}/`, type: 'directory', mode }) }
  yield { header: tarHeader({ name: 'bin/busybox', mode: 0o755, size: binary.length }), body: binary }
  for (const name of applets.toSorted()) {
    const header = tarHeader({ name, type: 'hardlink', mode: 0o755, linkname: 'bin/busybox' })
    yield { header }
  }
  for (const [name, text] of Object.entries(files)) {
    const body = Buffer.from(text)
    yield { header: tarHeader({ name, size: body.length }), body }
  }
}

/** A small system of one program: the statically linked busybox of this machine, under the names of its applets. */
export const busyboxBase = async ({ report, signal }: BaseRequest): Promise<Base> => {
  const found = findFirstBinary('busybox-static', 'busybox')
  if (found === undefined) {
    throw new SlipwayError('unavailable', 'busybox is not installed: apt-get install busybox-static')
  }
  const path = await realpath(found)
  if (!(await isStatic(path))) {
    throw new SlipwayError('unavailable', `${found} needs shared libraries: apt-get install busybox-static`)
  }
  const applets = await listApplets(found, signal)
  report({ status: `Packing ${found} with ${applets.length} applets` })
  return {
    tar: packTar(tarOf(await readFile(path), applets)),
    config: { Cmd: ['sh'], Env: [defaultPath] },
    createdAt: new Date(0),
    message: 'bootstrapped from busybox-static',
  }
}
