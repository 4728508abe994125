import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stepHostsFile } from '@slipway/network'
import { resolvConfText } from './files.ts'
import { hasNameServer } from './names.ts'
import type { Networks } from './networks.ts'

/** Paths on the host of the files that are mounted over /etc/hosts and /etc/resolv.conf. */
interface StepFiles {
  readonly hosts: string
  readonly resolvConf: string
}

/** The network of one build step: see `StepNetworks` of the build package. Disposing takes it down. */
export const attachStep = async (
  networks: Networks,
  id: string,
  options: {
    /** `network:NAME`: one that somebody made. */
    readonly mode: 'default' | 'none' | 'host' | `network:${string}`
    readonly directory: string
    readonly hostname: string
    readonly extraHosts: readonly string[]
  },
): Promise<AsyncDisposable & { readonly netns?: string; readonly files: StepFiles }> => {
  const { mode, directory, hostname, extraHosts } = options
  const attached = await networks.attach({
    id,
    networkMode: mode === 'default' ? 'bridge' : mode.replace(/^network:/, ''),
    endpoints: {},
    // Nobody asks for a step, but it may ask for those who are there.
    ...(mode.startsWith('network:') ? { named: { id, name: id, hostname: '', dns: [], endpoints: {} } } : {}),
    ports: [],
    netnsOf: () => ({ netns: '', pid: 0, status: 'created' }),
  })
  const files = {
    hosts: join(directory, 'hosts'),
    resolvConf: join(directory, 'resolv.conf'),
  }
  const release = (): Promise<void> => networks.detach({ id, ...attached })
  try {
    await mkdir(directory, { recursive: true, mode: 0o711 })
    const nameServer = hasNameServer(attached.attachments)
    const resolvConf = await resolvConfText({ hostNetwork: mode === 'host', nameServer })
    const hosts = stepHostsFile({ hostname, extraHosts, hostGateway: networks.gateway })
    await Promise.all([writeFile(files.hosts, hosts), writeFile(files.resolvConf, resolvConf)])
  } catch (error) {
    await release()
    throw error
  }
  return { ...(attached.netns === '' ? {} : { netns: attached.netns }), files, [Symbol.asyncDispose]: release }
}
