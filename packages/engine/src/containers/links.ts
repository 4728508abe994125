import { basename } from 'node:path'
import type { HostConfig } from '@slipway/client'
import { hasCode, invalid } from '@slipway/core'
import { addressOf } from '../networks/addresses.ts'
import { parsePortKey } from './ports.ts'
import type { ContainerRecord } from './records.ts'
import type { ContainerRoom } from './room.ts'

/** A container that another names with `--link` on the default bridge, which has no names; other networks know links. */
export interface Link {
  readonly alias: string
  readonly target: ContainerRecord
  /** On the bridge; undefined when it isn't there. */
  readonly address: string | undefined
}

type Records = Pick<ContainerRoom['records'], 'find'>

/** Who has been removed since isn't linked to any more: that stops nobody. */
const targetOf = (records: Records, name: string): ContainerRecord | undefined => {
  try {
    return records.find(name)
  } catch (error) {
    if (hasCode(error, 'not-found')) return undefined
    throw error
  }
}

/** Links are written `db`, `db:alias`, or `/db:/web/alias` (as `inspect` of docker shows them). */
export const linksOf = (records: Records, { NetworkMode = 'bridge', Links }: HostConfig): readonly Link[] =>
  (NetworkMode === 'bridge' ? (Links ?? []) : []).flatMap((text) => {
    const [name = '', alias = name] = text.split(':')
    const target = targetOf(records, name)
    const onBridge = target?.state.attachments.find(({ network }) => network === 'bridge')
    return target === undefined ? [] : [{ alias: basename(alias), target, address: addressOf(onBridge) }]
  })

/** `/db:/web/alias`: the form that docker shows them in, with the names that both have now. */
export const shownLinks = (
  records: Records,
  { name: own, definition: { hostConfig } }: Pick<ContainerRecord, 'name' | 'definition'>,
): readonly string[] | null =>
  hostConfig.Links?.map((text) => {
    const [name = '', alias = name] = text.split(':')
    return `/${targetOf(records, name)?.name ?? basename(name)}:/${own}/${basename(alias)}`
  }) ?? null

/** Throws invalid, in docker's words, for a link to what doesn't run or isn't on the bridge. */
export const assertLinked = ({ alias, target: { id, name, state }, address }: Link): string => {
  if (state.pid === 0) throw invalid(`Cannot link to a non running container: /${name} AS ${alias}`)
  if (address === undefined) throw invalid(`container ${id} not attached to default bridge network`)
  return address
}

interface Port {
  readonly port: number
  readonly protocol: string
}

/** TCP first, then by name and number: the first one stands for all. */
const byProtocol = (a: Port, b: Port): number => {
  if (a.protocol === b.protocol) return a.port - b.port
  if (a.protocol === 'tcp' || b.protocol === 'tcp') return a.protocol === 'tcp' ? -1 : 1
  return a.protocol < b.protocol ? -1 : 1
}

/** Ports that follow one another, together. */
const runsOf = (ports: readonly Port[]): readonly (readonly [Port, ...Port[]])[] => {
  const runs: [Port, ...Port[]][] = []
  for (const one of ports) {
    const run = runs.at(-1)
    const last = run?.at(-1)
    if (run && last?.protocol === one.protocol && last.port + 1 === one.port) run.push(one)
    else runs.push([one])
  }
  return runs
}

const portVariables = (prefix: string, address: string, ports: readonly Port[]): readonly string[] => {
  const url = ({ port, protocol }: Port): string => `${protocol}://${address}:${port}`
  const key = ({ port, protocol }: Port): string => `${prefix}_PORT_${port}_${protocol.toUpperCase()}`
  const each = ports.flatMap((one) => [
    `${key(one)}=${url(one)}`,
    `${key(one)}_ADDR=${address}`,
    `${key(one)}_PORT=${one.port}`,
    `${key(one)}_PROTO=${one.protocol}`,
  ])
  const ranges = runsOf(ports).flatMap(([first, ...rest]) => {
    const last = rest.at(-1)
    return last === undefined
      ? []
      : [
          `${key(first)}_START=${url(first)}`,
          `${key(first)}_PORT_START=${first.port}`,
          `${key(first)}_END=${url(last)}`,
          `${key(first)}_PORT_END=${last.port}`,
        ]
  })
  const [first] = ports
  return [...(first === undefined ? [] : [`${prefix}_PORT=${url(first)}`]), ...each, ...ranges]
}

/** What everybody has isn't told of the other. */
const isOwn = (variable: string): boolean => /^(?:HOME|PATH)=/.test(variable) || !variable.includes('=')

/** What the container `owner` finds in its environment about one that it is linked to. */
export const linkVariables = (owner: string, { alias, target, address = '' }: Link): readonly string[] => {
  const { config } = target.definition
  const prefix = alias.toUpperCase().replaceAll('-', '_')
  const ports = Object.keys(config.ExposedPorts ?? {})
    .map(parsePortKey)
    .sort(byProtocol)
  return [
    ...portVariables(prefix, address, ports),
    `${prefix}_NAME=/${owner}/${alias}`,
    ...(config.Env ?? []).filter((variable) => !isOwn(variable)).map((variable) => `${prefix}_ENV_${variable}`),
  ]
}

/** Of all those that run: before the container's own variables, which win. */
export const linkEnvironment = (records: Records, record: ContainerRecord): readonly string[] =>
  linksOf(records, record.definition.hostConfig)
    .filter(({ address }) => address !== undefined)
    .flatMap((link) => linkVariables(record.name, link))
