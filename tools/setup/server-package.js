import { mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { aptGet, install } from './apt.js'
import { run } from './run.js'

/** The libraries among what a package depends on: `libpq5 (>= 14), locales | locales-all, …`.
 * @param {string} depends
 */
export const librariesOf = (depends) =>
  depends
    .split(',')
    .map((one) => one.trim().split(/[ :|(]/)[0] ?? '')
    .filter((name) => name.startsWith('lib'))

/**
 * Unpacks a server's package into `own/folder`, and installs its libraries alone: to install the package would make a server that
 * runs for ever.
 * @param {{ package: string, folder: string }} wanted
 * @param {string} own  our own folder of programs
 * @param {(line: string) => void} say
 */
export const unpackServer = async ({ package: name, folder }, own, say) => {
  const scratch = await mkdtemp(join(own, '.unpack-'))
  try {
    await aptGet(['-o', 'APT::Sandbox::User=root', 'download', name], { cwd: scratch, say })
    const archive = (await readdir(scratch)).find((entry) => entry.endsWith('.deb')) ?? ''
    await install(librariesOf(await run('dpkg-deb', ['-f', archive, 'Depends'], { cwd: scratch })), say)
    await run('dpkg-deb', ['-x', archive, 'root'], { cwd: scratch })
    await rename(join(scratch, 'root'), join(own, folder))
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}
