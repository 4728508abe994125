import { access, mkdir, rename, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { debianMirror } from './private-apt.js'
import { step } from './progress.js'
import { lastWords, run, SetupError } from './run.js'

const packages = ['python3-moto', 'python3-flask', 'python3-flask-cors']

/** Links that a Debian has from its installer, and a folder of unpacked packages hasn't. */
const merged = ['bin', 'sbin', 'lib', 'lib64']

/** @param {string} own @param {(line: string) => void} say */
const unpack = async (own, say) => {
  const partial = join(own, 'moto.partial')
  await rm(partial, { recursive: true, force: true })
  const options = [
    '--variant=extract',
    `--include=${packages.join(',')}`,
    '--aptopt=Acquire::Check-Valid-Until "false"',
    '--aptopt=Acquire::Languages "none"',
    '--aptopt=APT::Install-Recommends "false"',
    '--dpkgopt=path-exclude=/usr/share/doc/*',
  ]
  try {
    await run('mmdebstrap', [...options, 'sid', partial, await debianMirror()], { onLine: say })
    for (const name of merged) await symlink(join('usr', name), join(partial, name))
  } catch (error) {
    throw new SetupError('The tests need moto, of Debian’s newest packages:', lastWords(error))
  }
  await rename(partial, join(own, 'moto'))
}

/**
 * Makes sure that there is an S3 server for the tests, which start it themselves: moto, in a folder of its own that becomes
 * its root. 230 MB.
 * @param {string} own  our own folder of programs
 */
export const installMoto = async (own) => {
  const there = await access(join(own, 'moto/usr/bin/moto_server')).then(
    () => true,
    () => false,
  )
  if (there) return
  await mkdir(own, { recursive: true })
  await step('moto', (say) => unpack(own, say))
}
