import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { privateApt } from './private-apt.js'
import { step } from './progress.js'
import { findProgram, run, SetupError } from './run.js'

/**
 * A client of Docker's, as Debian's newest packages have it: `file` in the package, `oldest` version that the tests are written
 * for, `as` the name it gets in our folder of programs. A plugin of the docker CLI is always our own; docker is the one of PATH
 * where that is new enough.
 * @typedef {{ package: string, file: string, as: string, plugin?: boolean, oldest: readonly [number, number] }} DockerClient
 */

/** @type {readonly DockerClient[]} */
const clients = [
  { package: 'docker-cli', file: 'usr/bin/docker', as: 'docker', oldest: [28, 2] },
  {
    package: 'docker-buildx',
    file: 'usr/libexec/docker/cli-plugins/docker-buildx',
    as: 'cli-plugins/docker-buildx',
    plugin: true,
    oldest: [0, 13],
  },
  {
    package: 'docker-compose',
    file: 'usr/libexec/docker/cli-plugins/docker-compose',
    as: 'cli-plugins/docker-compose',
    plugin: true,
    oldest: [2, 26],
  },
]

/** @param {string} path @param {DockerClient} client */
const isNewEnough = async (path, { plugin, oldest }) => {
  const text = await run(path, plugin ? ['version'] : ['--version']).catch(() => '')
  const [major = 0, minor = 0] = /\bv?(\d+)\.(\d+)\.\d/.exec(text)?.slice(1).map(Number) ?? []
  return major > oldest[0] || (major === oldest[0] && minor >= oldest[1])
}

/** @param {DockerClient} client @param {string} own */
const isThere = async (client, own) => {
  if (await isNewEnough(join(own, client.as), client)) return true
  const path = client.plugin ? undefined : await findProgram(client.as)
  return path !== undefined && isNewEnough(path, client)
}

/** Takes one program out of its package, without installing anything.
 * @param {DockerClient} client @param {{ own: string, scratch: string, apt: readonly string[], say: (line: string) => void }} where
 */
const unpack = async (client, { own, scratch, apt, say }) => {
  const folder = await mkdtemp(join(scratch, 'package-'))
  await run('apt-get', [...apt, 'download', '-qq', client.package], { cwd: folder, onLine: say })
  const archive = (await readdir(folder)).find((name) => name.endsWith('.deb'))
  if (archive === undefined) throw new SetupError(`apt-get downloaded nothing for ${client.package}`)
  await run('dpkg-deb', ['-x', join(folder, archive), join(folder, 'root')])
  const program = join(folder, 'root', client.file)
  if (!(await isNewEnough(program, client))) {
    throw new SetupError(
      `Debian's newest ${client.package} does not run here, or is older than ${client.oldest.join('.')}.`,
    )
  }
  await chmod(program, 0o755)
  await mkdir(dirname(join(own, client.as)), { recursive: true })
  await rename(program, join(own, client.as))
}

/** @param {readonly DockerClient[]} wanted @param {string} own @param {(line: string) => void} say */
const unpackAll = async (wanted, own, say) => {
  const scratch = await mkdtemp(join(own, '.unpack-'))
  try {
    const apt = await privateApt(join(scratch, 'apt'), 'sid')
    await run('apt-get', [...apt, 'update', '-qq'], { onLine: say })
    for (const client of wanted) await unpack(client, { own, scratch, apt, say })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new SetupError(`The tests need the docker CLI, buildx and compose: ${reason}`)
  } finally {
    // With the package lists of a whole suite: hundreds of megabytes that nobody needs again.
    await rm(scratch, { recursive: true, force: true })
  }
}

/**
 * Makes sure that the docker CLI, buildx and compose are there, new enough for the tests.
 * @param {string} own  our own folder of programs; the CLI's plugins go to `cli-plugins` in it
 */
export const installDockerClients = async (own) => {
  await mkdir(own, { recursive: true })
  const missing = /** @type {DockerClient[]} */ ([])
  for (const client of clients) if (!(await isThere(client, own))) missing.push(client)
  if (missing.length === 0) return
  await step(missing.map((client) => client.package).join(', '), (say) => unpackAll(missing, own, say))
}
