import { access, readFile, realpath } from 'node:fs/promises'
import { packTar, type TarInput, tarHeader } from '@slipway/store'
import { run } from '../run.ts'

/** Debian's own; installed when it isn't there. */
export const iperfPath = '/usr/bin/iperf3'

const install = async (): Promise<void> => {
  const isThere = await access(iperfPath).then(
    () => true,
    () => false,
  )
  if (isThere) return
  await run(['apt-get', 'install', '--yes', '--no-install-recommends', 'iperf3'], {
    env: { DEBIAN_FRONTEND: 'noninteractive' },
  })
}

/** The libraries that a program needs, by the paths under which its loader looks for them. */
const librariesOf = async (program: string): Promise<readonly string[]> =>
  [...(await run(['ldd', program])).matchAll(/(\/\S+) \(0x/g)].map(([, path = '']) => path)

const fileOf = async (path: string): Promise<TarInput> => {
  const body = await readFile(await realpath(path))
  return { header: tarHeader({ name: path.slice(1), type: 'file', mode: 0o755, size: body.length }), body }
}

/** A root file system of iperf3 and what it needs: 10 MB. */
export async function* iperfFiles(): AsyncGenerator<Uint8Array> {
  await install()
  const paths = [iperfPath, ...(await librariesOf(iperfPath))]
  const directory = (name: string): TarInput => ({ header: tarHeader({ name, type: 'directory', mode: 0o1777 }) })
  yield* packTar([directory('tmp/'), ...(await Promise.all(paths.map(fileOf)))])
}
