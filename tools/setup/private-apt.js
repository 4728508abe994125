import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from './run.js'

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg'

/** The mirror of Debian that the host's own apt uses. */
export const debianMirror = async () => {
  const uris = await run('apt-get', ['update', '--print-uris', '-qq']).catch(() => '')
  return /'(https?:\/\/[^']+\/debian)\/+dists\//.exec(uris)?.[1] ?? 'http://deb.debian.org/debian'
}

/**
 * Options that make apt see only one suite of Debian's packages, and touch nothing of the host's apt.
 * @param {string} home  a folder for its files
 * @param {string} suite
 */
export const privateApt = async (home, suite) => {
  const lists = join(home, 'lists')
  const archives = join(home, 'cache/archives')
  for (const path of [lists, archives]) await mkdir(join(path, 'partial'), { recursive: true })
  const sources = join(home, 'debian.sources')
  const fields = { Types: 'deb', URIs: await debianMirror(), Suites: suite, Components: 'main', 'Signed-By': keyring }
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
