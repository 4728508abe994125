import { readFile, writeFile } from 'node:fs/promises'
import type { HostConfig } from '@slipway/client'
import { addressesOf } from '../networks/addresses.ts'
import { type NetworkFileContents, resolvConfText } from '../networks/files.ts'
import { hasNameServer } from '../networks/names.ts'
import { assertLinked, linksOf } from './links.ts'
import type { Attachment, ContainerRecord } from './records.ts'
import { type ContainerRoom, pathsOf } from './room.ts'

const allAddresses = (attachments: readonly Attachment[]): readonly string[] => attachments.flatMap(addressesOf)

/** Of those that `--link` names, in hosts, as they are at the start. Throws invalid for one that doesn't run. */
const linkedHosts = (room: ContainerRoom, hostConfig: HostConfig): readonly string[] =>
  linksOf(room.records, hostConfig).flatMap((link) => {
    const address = assertLinked(link)
    const { id, name } = link.target
    return [...new Set([link.alias, name, id.slice(0, 12)])].map((one) => `${one}:${address}`)
  })

/** What a container's hosts, hostname and resolv.conf are made of. */
export const fileContents = (
  room: ContainerRoom,
  record: ContainerRecord,
  attachments: readonly Attachment[],
): NetworkFileContents => {
  const { NetworkMode = '' } = record.definition.hostConfig
  if (!NetworkMode.startsWith('container:')) return ownContents(room, record, attachments)
  // Who is on another's network has the other's names and servers, too.
  const other = room.records.find(NetworkMode.slice('container:'.length))
  return fileContents(room, other, other.state.attachments)
}

const ownContents = (
  room: ContainerRoom,
  { definition: { config, hostConfig } }: ContainerRecord,
  attachments: readonly Attachment[],
): NetworkFileContents => ({
  addresses: allAddresses(attachments),
  gateway: room.networks.gateway,
  hostname: config.Hostname ?? '',
  domainname: config.Domainname ?? '',
  hostNetwork: hostConfig.NetworkMode === 'host',
  nameServer: hasNameServer(attachments),
  extraHosts: [...(hostConfig.ExtraHosts ?? []), ...linkedHosts(room, hostConfig)],
  dns: hostConfig.Dns ?? [],
  search: hostConfig.DnsSearch ?? [],
  options: hostConfig.DnsOptions ?? [],
})

/**
 * After a running container has joined or left a network: its lines in hosts, and resolv.conf if it has the engine's name
 * server from now on. Written in place, for they are mounted; what the container has changed itself stays.
 */
export const updateNetworkFiles = async (
  room: ContainerRoom,
  record: ContainerRecord,
  attachments: readonly Attachment[],
): Promise<void> => {
  const paths = pathsOf(room, record.id)
  const [before, after] = [allAddresses(record.state.attachments), allAddresses(attachments)]
  const { Hostname = '', Domainname = '' } = record.definition.config
  const name = Domainname ? `${Hostname}.${Domainname} ${Hostname}` : Hostname
  const lines = (await readFile(paths.hosts, 'utf8').catch(() => '')).split('\n').slice(0, -1)
  const kept = lines.filter(
    (line) => after.includes(line.split('\t')[0] ?? '') || !before.includes(line.split('\t')[0] ?? ''),
  )
  const added = after.filter((address) => !before.includes(address)).map((address) => `${address}\t${name}`)
  await writeFile(paths.hosts, [...kept, ...added, ''].join('\n'))
  if (hasNameServer(record.state.attachments) || !hasNameServer(attachments)) return
  const ours = await resolvConfText(fileContents(room, record, record.state.attachments))
  if ((await readFile(paths.resolvConf, 'utf8').catch(() => '')) !== ours) return
  await writeFile(paths.resolvConf, await resolvConfText(fileContents(room, record, attachments)))
}
