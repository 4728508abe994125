import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { addressesOf } from './addresses.ts'
import { type NetworkFiles, writeNetworkFiles } from './files.ts'
import type { Networks } from './networks.ts'

/** The network of one build step: see `StepNetworks` of the build package. Disposing takes it down. */
export const attachStep = async (
  networks: Networks,
  id: string,
  options: {
    readonly mode: 'default' | 'none' | 'host'
    readonly directory: string
    readonly extraHosts: readonly string[]
  },
): Promise<AsyncDisposable & { readonly netns?: string; readonly files: NetworkFiles }> => {
  const { mode, directory, extraHosts } = options
  const attached = await networks.attach({
    id,
    networkMode: mode === 'default' ? 'bridge' : mode,
    endpoints: {},
    ports: [],
    netnsOf: () => ({ netns: '', pid: 0, status: 'created' }),
  })
  const files = {
    hostname: join(directory, 'hostname'),
    hosts: join(directory, 'hosts'),
    resolvConf: join(directory, 'resolv.conf'),
  }
  const release = (): Promise<void> => networks.detach({ id, ...attached })
  try {
    await mkdir(directory, { recursive: true, mode: 0o711 })
    await writeNetworkFiles(files, {
      hostname: id.slice(0, 12),
      addresses: attached.attachments.flatMap(addressesOf),
      gateway: networks.gateway,
      hostNetwork: mode === 'host',
      extraHosts,
    })
  } catch (error) {
    await release()
    throw error
  }
  return { ...(attached.netns === '' ? {} : { netns: attached.netns }), files, [Symbol.asyncDispose]: release }
}
