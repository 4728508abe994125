import { lstat, mkdtemp, open, readdir, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isOffline } from './offline.js'
import { lastWords, ProgramError, run, SetupError } from './run.js'

const env = { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' }

/** Another apt (the daily upgrade, or one that outlived an interrupted set-up) may hold the lists or dpkg for a while. */
const patienceMs = 5 * 60 * 1000

/**
 * What to do about a failure of apt before it is tried again; undefined: nothing helps.
 * @param {string} output
 * @returns {'wait' | 'configure' | undefined}
 */
export const remedyFor = (output) => {
  if (/you must manually run '.*dpkg --configure -a'/.test(output)) return 'configure'
  if (/Could not get lock|Unable to lock|is another process using it/.test(output)) return 'wait'
  return undefined
}

/**
 * @param {readonly string[]} args
 * @param {{ cwd?: string, say?: (line: string) => void }} [options]
 */
export const aptGet = async (args, { cwd, say } = {}) => {
  const until = Date.now() + patienceMs
  for (;;) {
    try {
      return await run('apt-get', ['-q', ...args], { env, ...(cwd ? { cwd } : {}), ...(say ? { onLine: say } : {}) })
    } catch (error) {
      const remedy = error instanceof ProgramError ? remedyFor(error.output) : undefined
      if (remedy === undefined || Date.now() > until) throw error
      if (remedy === 'configure') await run('dpkg', ['--configure', '-a'], { env })
      else {
        say?.('waiting for another apt to end')
        await delay(1000)
      }
    }
  }
}

/** @param {string} what @param {unknown} error */
const aptError = (what, error) => {
  const words = lastWords(error)
  return isOffline(words)
    ? new SetupError("Debian's package servers cannot be reached: check the network, and run this again.")
    : new SetupError(`${what}:`, words)
}

/**
 * Fetches the package lists. Gives back what went wrong: what is wanted may still come from the lists and sources that are there.
 * @param {(line: string) => void} say
 * @returns {Promise<SetupError | undefined>}
 */
export const updateLists = async (say) => {
  try {
    await aptGet(['update', '-o', 'APT::Update::Error-Mode=any'], { say })
    return undefined
  } catch (error) {
    return aptError('apt could not fetch the package lists', error)
  }
}

/** Installs packages; none that is there may go for it.
 * @param {readonly string[]} packages
 * @param {(line: string) => void} say
 */
export const install = (packages, say) =>
  aptGet(['install', '-y', '--no-install-recommends', '--no-remove', ...packages], { say }).catch((error) => {
    throw aptError(`apt could not install ${packages.join(', ')}`, error)
  })

const scratchPrefix = '.unpack-'

/** Takes away what an interrupted unpacking left in `target`.
 * @param {string} target
 */
export const sweep = async (target) => {
  const names = await readdir(target).catch(() => [])
  for (const name of names.filter((entry) => entry.startsWith(scratchPrefix))) {
    await rm(join(target, name), { recursive: true, force: true })
  }
}

/** Where below `folder` the program lies: Debian 12 may have it in /bin or /sbin, 13 below /usr, and both have links to it.
 * @param {string} folder @param {string} name
 */
const regularFile = async (folder, name) => {
  const entries = await readdir(folder, { recursive: true })
  for (const path of entries.filter((entry) => basename(entry) === name).map((entry) => join(folder, entry))) {
    if ((await lstat(path)).isFile()) return path
  }
  throw new Error(`there is no ${name} in it`)
}

/**
 * Takes one program out of a package, which is neither installed nor asked whether it gets along with others. It appears as
 * `target/as` whole or not at all.
 * @param {{ program: string, package: string, as?: string | undefined }} wanted
 * @param {string} target
 * @param {(line: string) => void} say
 */
export const unpack = async ({ program, package: name, as = program }, target, say) => {
  const scratch = await mkdtemp(join(target, scratchPrefix))
  try {
    // Below /root the user _apt may not write; what is fetched is checked against the archive's keys all the same.
    await aptGet(['-o', 'APT::Sandbox::User=root', 'download', name], { cwd: scratch, say })
    const archive = (await readdir(scratch)).find((entry) => entry.endsWith('.deb')) ?? ''
    const script = 'dpkg-deb --fsys-tarfile "$1" | tar -xf - --no-same-owner --wildcards "*bin/$2"'
    await run('sh', ['-c', script, 'sh', archive, program], { cwd: scratch })
    const path = await regularFile(scratch, program)
    const file = await open(path)
    await file.sync()
    await file.close()
    await rename(path, join(target, as))
  } catch (error) {
    throw aptError(`${program} could not be taken from the package ${name}`, error)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}
