import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from '../run.ts'

const checkout = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** Where the peers live: a Debian root, their data, sockets and logs. 2 GB when it has been used. */
export const peersDirectory = process.env['SLIPWAY_PEERS'] ?? join(checkout, '.slipway/peers')

export const peersPath = (...names: readonly string[]): string => join(peersDirectory, ...names)

/** Debian's newest: what its users get next. */
const suite = process.env['SLIPWAY_PEERS_SUITE'] ?? 'sid'

const packages = [
  'docker.io',
  'docker-cli',
  'containerd',
  'runc',
  'crun',
  'podman',
  'conmon',
  'netavark',
  'aardvark-dns',
  'skopeo',
  'iptables',
  'nftables',
  'iproute2',
  'busybox-static',
  'ca-certificates',
]

/** docker-registry's post-install wants an init that runs: only its files are taken. */
const registryHook = `chroot "$1" sh -c 'cd /tmp && apt-get download docker-registry && dpkg-deb -x docker-registry_*.deb / && rm docker-registry_*'`

/** The archive that this machine's own apt uses. */
const mirrorOfHost = async (): Promise<string> => {
  const directory = '/etc/apt/sources.list.d'
  const files = [
    '/etc/apt/sources.list',
    ...(await readdir(directory).catch(() => [])).map((name) => join(directory, name)),
  ]
  for (const file of files.filter((name) => /\.(list|sources)$/.test(name))) {
    const text = await readFile(file, 'utf8').catch(() => '')
    const [uri] = /^(?!#).*?(https?:\/\/\S+\/debian)\/?(?=\s)/m.exec(text)?.slice(1) ?? []
    if (uri !== undefined) return uri
  }
  return 'http://deb.debian.org/debian'
}

export const hasPeers = (): Promise<boolean> =>
  stat(peersPath('root/usr')).then(
    () => true,
    () => false,
  )

/** Makes the Debian root with all peers in it, whole or not at all. Three minutes, 1 GB. */
export const setUpPeers = async (say: (line: string) => void): Promise<void> => {
  for (const name of ['data', 'run', 'log', 'bundle']) await mkdir(peersPath(name), { recursive: true, mode: 0o711 })
  if (await hasPeers()) return
  const scratch = peersPath('root.partial')
  await rm(scratch, { recursive: true, force: true })
  const options = [
    '--variant=minbase',
    `--include=${packages.join(',')}`,
    '--aptopt=Acquire::Check-Valid-Until "false"',
    '--aptopt=Acquire::Languages "none"',
    `--customize-hook=${registryHook}`,
    // What the root is pivoted with: see enclosure.ts.
    '--customize-hook=mkdir -p "$1/.old"',
  ]
  await run(['mmdebstrap', ...options, suite, scratch, await mirrorOfHost()], { say })
  await rename(scratch, peersPath('root'))
}
