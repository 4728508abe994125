import { mkdir } from 'node:fs/promises'
import { install, sweep, unpack, updateLists } from './apt.js'
import { step } from './progress.js'
import { findProgram, run, SetupError } from './run.js'

/**
 * A program the product stands on, and the Debian package it comes from. `unpack`: only the program is taken, into our own
 * folder, since to install the package would start a daemon (containerd), or evict another engine's (runc) or another
 * variant (busybox). `as`: the name it gets there. `usable`: whether one that is there will do. `isOptional`: all goes on
 * without it, but slower.
 * @typedef {{
 *   program: string, package: string, unpack?: boolean, as?: string, usable?: (path: string) => Promise<boolean>,
 *   isOptional?: boolean
 * }} SystemProgram
 */

/** A busybox that is linked dynamically can't run in an image of its own.
 * @param {string} path
 */
const isStatic = async (path) => (await run('sh', ['-c', 'ldd "$1" 2>&1; true', 'sh', path])).includes('not a dynamic')

/** @type {readonly SystemProgram[]} */
export const enginePrograms = [
  { program: 'containerd-shim-runc-v2', package: 'containerd', unpack: true },
  { program: 'runc', package: 'runc', unpack: true },
  { program: 'crun', package: 'crun' },
  { program: 'tini-static', package: 'tini', unpack: true },
  { program: 'busybox', package: 'busybox-static', unpack: true, as: 'busybox-static', usable: isStatic },
  { program: 'ip', package: 'iproute2' },
  { program: 'nft', package: 'nftables' },
  { program: 'mmdebstrap', package: 'mmdebstrap' },
  { program: 'ps', package: 'procps' },
  // It comes with the library that gzip is made with (docs/decisions/0034-isal.md).
  { program: 'igzip', package: 'isal', isOptional: true },
]

/** @param {SystemProgram} wanted @param {string} own */
const isThere = async ({ program, as, usable }, own) => {
  if (as !== undefined && (await findProgram(as, [own])) !== undefined) return true
  const path = await findProgram(program, [own])
  return path !== undefined && (usable === undefined || (await usable(path)))
}

/**
 * Of these programs, those that aren't there.
 * @param {readonly SystemProgram[]} programs
 * @param {string} own  our own folder of programs
 */
const missingOf = async (programs, own) => {
  const there = await Promise.all(programs.map((wanted) => isThere(wanted, own)))
  return programs.filter((_, index) => !there[index])
}

/** @param {readonly SystemProgram[]} missing @param {string} own */
const fetchAll = async (missing, own) => {
  const packages = [...new Set(missing.filter((wanted) => !wanted.unpack).map((wanted) => wanted.package))]
  if (packages.length > 0) await step(packages.join(' '), (say) => install(packages, say))
  for (const wanted of missing.filter((one) => one.unpack)) {
    await step(wanted.program, (say) => unpack(wanted, own, say))
  }
}

/**
 * Makes sure that every program is there: those that are, are used; the others are installed or unpacked into `own`.
 * @param {readonly SystemProgram[]} programs
 * @param {string} own
 */
export const installSystemPackages = async (programs, own) => {
  const missing = await missingOf(programs, own)
  if (missing.length === 0) return
  const needed = missing.filter(({ isOptional }) => !isOptional)
  await mkdir(own, { recursive: true })
  await sweep(own)
  const problem = await step('package lists', updateLists)
  try {
    await fetchAll(missing, own)
  } catch (error) {
    if ((await missingOf(needed, own)).length > 0) throw problem ?? error
  }
  const stillMissing = await missingOf(needed, own)
  if (stillMissing.length > 0) {
    const names = stillMissing.map(({ program, package: name }) => `${program} (of ${name})`).join(', ')
    throw new SetupError(`These programs are not there although their packages are: ${names}.`)
  }
}
