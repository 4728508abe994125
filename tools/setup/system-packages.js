import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { step } from './progress.js'
import { findProgram, run, SetupError } from './run.js'

/**
 * A program the product stands on, and the Debian package it comes from. `unpack`: only the program is taken, into our own
 * folder, since to install the package would start a daemon (containerd), or evict another engine's (runc) or another
 * variant (busybox).
 * @typedef {{ program: string, package: string, unpack?: string }} SystemProgram
 */

/** @type {readonly SystemProgram[]} */
export const enginePrograms = [
  { program: 'containerd-shim-runc-v2', package: 'containerd', unpack: 'usr/bin/containerd-shim-runc-v2' },
  { program: 'runc', package: 'runc', unpack: 'usr/sbin/runc' },
  { program: 'busybox', package: 'busybox-static', unpack: 'bin/busybox' },
  { program: 'ip', package: 'iproute2' },
  { program: 'nft', package: 'nftables' },
  { program: 'mmdebstrap', package: 'mmdebstrap' },
  { program: 'ps', package: 'procps' },
]

const quiet = { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' }

/** @param {(line: string) => void} say */
const updateLists = (say) =>
  run('apt-get', ['update', '-qq', '-o', 'APT::Update::Error-Mode=any'], { env: quiet, onLine: say }).catch((error) => {
    throw new SetupError(`The package lists could not be fetched (is the network up?): ${error.message}`)
  })

/** Installs packages; none that is there may go for it.
 * @param {readonly string[]} packages
 * @param {(line: string) => void} say
 */
const install = (packages, say) =>
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', '--no-remove', ...packages], {
    env: quiet,
    onLine: say,
  }).catch((error) => {
    throw new SetupError(`${packages.join(', ')} could not be installed: ${error.message}`)
  })

/**
 * Takes one program out of a package. It appears in `target` whole or not at all.
 * @param {SystemProgram} wanted
 * @param {string} target
 */
const unpack = async (wanted, target) => {
  const scratch = await mkdtemp(join(target, '.unpack-'))
  try {
    await run('apt-get', ['download', '-qq', wanted.package], { cwd: scratch, env: quiet })
    const archive = (await readdir(scratch)).find((name) => name.endsWith('.deb'))
    if (archive === undefined) throw new SetupError(`apt-get downloaded nothing for ${wanted.package}`)
    await run('dpkg-deb', ['-x', join(scratch, archive), join(scratch, 'root')])
    const usrMerged = join(scratch, 'root/usr', wanted.unpack ?? '')
    await rename(join(scratch, 'root', wanted.unpack ?? ''), join(target, wanted.program)).catch(() =>
      rename(usrMerged, join(target, wanted.program)),
    )
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/** busybox of the package `busybox` is linked dynamically and can't run in an image of its own.
 * @param {string} path
 */
const isStatic = async (path) => (await run('sh', ['-c', `ldd '${path}' 2>&1 || true`])).includes('not a dynamic')

/**
 * Of these programs, those that aren't there.
 * @param {readonly SystemProgram[]} programs
 * @param {string} own  our own folder of programs
 */
const missingOf = async (programs, own) => {
  const missing = []
  for (const wanted of programs) {
    const path = (await findProgram(wanted.program, [own])) ?? ''
    const isOurs = path.startsWith(own)
    const usable = path !== '' && (isOurs || wanted.package !== 'busybox-static' || (await isStatic(path)))
    if (!usable) missing.push(wanted)
  }
  return missing
}

/**
 * Makes sure that every program is there: those that are, are used; the others are installed or unpacked into `own`.
 * @param {readonly SystemProgram[]} programs
 * @param {string} own
 */
export const installSystemPackages = async (programs, own) => {
  const missing = await missingOf(programs, own)
  if (missing.length === 0) return
  await mkdir(own, { recursive: true })
  await step('package lists', updateLists)
  const toInstall = missing.filter(({ unpack: path }) => path === undefined).map((wanted) => wanted.package)
  if (toInstall.length > 0) await step(toInstall.join(', '), (say) => install([...new Set(toInstall)], say))
  for (const wanted of missing.filter(({ unpack: path }) => path !== undefined)) {
    await step(wanted.program, () => unpack(wanted, own))
  }
}
