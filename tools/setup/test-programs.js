import { chmod, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { step } from './progress.js'
import { findProgram, run, SetupError } from './run.js'
import { installSystemPackages } from './system-packages.js'

/** What the tests use besides the engine's programs. */
const programs = [
  { program: 'iptables', package: 'iptables' },
  { program: 'curl', package: 'curl' },
  { program: 'bzip2', package: 'bzip2' },
  { program: 'xz', package: 'xz-utils' },
  { program: 'skopeo', package: 'skopeo' },
]

/** The oldest docker CLI that the tests are written for. */
const oldestDocker = [28, 2]

/** @param {string} path */
const isNewEnough = async (path) => {
  const text = await run(path, ['--version']).catch(() => '')
  const [major = 0, minor = 0] = /version (\d+)\.(\d+)/.exec(text)?.slice(1).map(Number) ?? []
  const [wantedMajor = 0, wantedMinor = 0] = oldestDocker
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)
}

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg'

/** The mirror of Debian that the host's own apt uses. */
const debianMirror = async () => {
  const uris = await run('apt-get', ['update', '--print-uris', '-qq']).catch(() => '')
  return /'(https?:\/\/[^']+\/debian)\/+dists\//.exec(uris)?.[1] ?? 'http://deb.debian.org/debian'
}

/**
 * Options that make apt see only Debian's newest packages, and touch nothing of the host's apt.
 * @param {string} home  a folder for its files
 */
const privateApt = async (home) => {
  const lists = join(home, 'lists')
  const archives = join(home, 'cache/archives')
  for (const path of [lists, archives]) await mkdir(join(path, 'partial'), { recursive: true })
  const sources = join(home, 'debian.sources')
  const fields = { Types: 'deb', URIs: await debianMirror(), Suites: 'sid', Components: 'main', 'Signed-By': keyring }
  await writeFile(
    sources,
    Object.entries(fields)
      .map(([name, value]) => `${name}: ${value}\n`)
      .join(''),
  )
  await writeFile(join(home, 'status'), '')
  const settings = {
    'Dir::Etc::SourceList': sources,
    'Dir::Etc::SourceParts': '/dev/null',
    'Dir::Etc::PreferencesParts': '/dev/null',
    'Dir::State::Lists': lists,
    'Dir::State::Status': join(home, 'status'),
    'Dir::Cache': join(home, 'cache'),
    'Dir::Cache::Archives': archives,
    // _apt may not enter a folder below /root; the files are checked against the keyring all the same.
    'APT::Sandbox::User': 'root',
    'APT::Update::Post-Invoke': '',
    'Acquire::Languages': 'none',
  }
  return Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])
}

/**
 * Takes the docker CLI of Debian's newest packages, without installing anything.
 * @param {string} own
 * @param {(line: string) => void} say
 */
const unpackDocker = async (own, say) => {
  const home = join(dirname(own), 'apt')
  const options = await privateApt(home)
  await mkdir(own, { recursive: true })
  const scratch = await mkdtemp(join(own, '.unpack-'))
  try {
    await run('apt-get', [...options, 'update', '-qq'], { onLine: say })
    await run('apt-get', [...options, 'download', '-qq', 'docker-cli'], { cwd: scratch, onLine: say })
    const archive = (await readdir(scratch)).find((name) => name.endsWith('.deb'))
    if (archive === undefined) throw new SetupError('apt-get downloaded nothing for docker-cli')
    await run('dpkg-deb', ['-x', join(scratch, archive), join(scratch, 'root')])
    const program = join(scratch, 'root/usr/bin/docker')
    if (!(await isNewEnough(program))) {
      throw new SetupError(`Debian's newest docker CLI does not run here, or is older than ${oldestDocker.join('.')}.`)
    }
    await chmod(program, 0o755)
    await rename(program, join(own, 'docker'))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new SetupError(`The tests need the docker CLI ${oldestDocker.join('.')} or newer: ${reason}`)
  } finally {
    await rm(scratch, { recursive: true, force: true })
    // The package lists of a whole suite: hundreds of megabytes that nobody needs again.
    await rm(home, { recursive: true, force: true })
  }
}

/** @param {string} own */
const hasDocker = async (own) => {
  for (const path of [join(own, 'docker'), await findProgram('docker')]) {
    if (path !== undefined && (await isNewEnough(path))) return true
  }
  return false
}

/**
 * Makes sure that everything is there which the tests need besides the engine's programs. The docker CLI of PATH is used if
 * it is new enough, else one is unpacked into `own`.
 * @param {string} own  our own folder of programs
 */
export const installTestPrograms = async (own) => {
  await installSystemPackages(programs, own)
  if (await hasDocker(own)) return
  await step('docker CLI', (say) => unpackDocker(own, say))
}
