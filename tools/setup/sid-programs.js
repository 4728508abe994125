import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { privateApt } from './private-apt.js'
import { step } from './progress.js'
import { findProgram, run, SetupError } from './run.js'

/**
 * A program as Debian's newest packages have it: `file` in the package, `oldest` version that the tests are written for, `asks`
 * how it is asked for its version, `as` the name it gets in our folder of programs. A plugin of the docker CLI is always our own;
 * others may be those of PATH, where they are new enough.
 * @typedef {{
 *   package: string, file: string, as: string, asks: readonly string[], plugin?: boolean, oldest: readonly [number, number]
 * }} SidProgram
 */

/** @param {string} path @param {SidProgram} wanted */
const isNewEnough = async (path, { asks, oldest }) => {
  const text = await run(path, asks).catch(() => undefined)
  if (text === undefined) return false
  const [major = 0, minor = 0] = /\bv?(\d+)\.(\d+)\.\d/.exec(text)?.slice(1).map(Number) ?? []
  return major > oldest[0] || (major === oldest[0] && minor >= oldest[1])
}

/** @param {SidProgram} wanted @param {string} own */
const isThere = async (wanted, own) => {
  if (await isNewEnough(join(own, wanted.as), wanted)) return true
  const path = wanted.plugin ? undefined : await findProgram(wanted.as)
  return path !== undefined && isNewEnough(path, wanted)
}

/** Takes one program out of its package, without installing anything.
 * @param {SidProgram} wanted @param {{ own: string, scratch: string, apt: readonly string[], say: (line: string) => void }} where
 */
const unpack = async (wanted, { own, scratch, apt, say }) => {
  const folder = await mkdtemp(join(scratch, 'package-'))
  await run('apt-get', [...apt, 'download', '-qq', wanted.package], { cwd: folder, onLine: say })
  const archive = (await readdir(folder)).find((name) => name.endsWith('.deb'))
  if (archive === undefined) throw new SetupError(`apt-get downloaded nothing for ${wanted.package}`)
  await run('dpkg-deb', ['-x', join(folder, archive), join(folder, 'root')])
  const program = join(folder, 'root', wanted.file)
  if (!(await isNewEnough(program, wanted))) {
    throw new SetupError(
      `Debian's newest ${wanted.package} does not run here, or is older than ${wanted.oldest.join('.')}.`,
    )
  }
  await chmod(program, 0o755)
  await mkdir(dirname(join(own, wanted.as)), { recursive: true })
  await rename(program, join(own, wanted.as))
}

/** @param {readonly SidProgram[]} wanted @param {string} own @param {(line: string) => void} say */
const unpackAll = async (wanted, own, say) => {
  const scratch = await mkdtemp(join(own, '.unpack-'))
  try {
    const apt = await privateApt(join(scratch, 'apt'), 'sid')
    await run('apt-get', [...apt, 'update', '-qq'], { onLine: say })
    for (const one of wanted) await unpack(one, { own, scratch, apt, say })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new SetupError(`The tests need ${wanted.map(({ as }) => basename(as)).join(', ')}: ${reason}`)
  } finally {
    // With the package lists of a whole suite: hundreds of megabytes that nobody needs again.
    await rm(scratch, { recursive: true, force: true })
  }
}

/**
 * Makes sure that these programs are there, new enough for the tests.
 * @param {readonly SidProgram[]} wanted
 * @param {string} own  our own folder of programs; the docker CLI's plugins go to `cli-plugins` in it
 */
export const installSidPrograms = async (wanted, own) => {
  await mkdir(own, { recursive: true })
  const missing = /** @type {SidProgram[]} */ ([])
  for (const program of wanted) if (!(await isThere(program, own))) missing.push(program)
  if (missing.length === 0) return
  const packages = [...new Set(missing.map((program) => program.package))]
  await step(packages.join(', '), (say) => unpackAll(missing, own, say))
}
