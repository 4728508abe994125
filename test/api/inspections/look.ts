import assert from 'node:assert/strict'
import type { Shown } from './table.ts'

/** Runs the docker CLI against a daemon. */
export type RunDocker = (
  args: readonly string[],
) => Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>

const name = 'looked-at'

/** What the commands speak of, once: networks, and a container. The image `busybox` is there. */
export const prepare = async (docker: RunDocker): Promise<void> => {
  for (const command of [
    'network create --subnet 10.77.0.0/24 net',
    'network create other',
    'run -d --name base --ipc shareable -v /base busybox sleep 10000',
  ]) {
    assert.equal((await docker(command.split(' '))).code, 0, command)
  }
}

export const takeAway = async (docker: RunDocker): Promise<void> => {
  await docker(['rm', '-f', '-v', 'base'])
  await docker(['network', 'rm', 'net', 'other'])
  await docker(['volume', 'rm', '-f', 'vol1', 'vol2', 'vol3', 'vol4'])
}

interface Document {
  readonly Id: string
}

const inspect = async (docker: RunDocker, container: string): Promise<Document> => {
  const [document] = JSON.parse((await docker(['inspect', container])).stdout) as readonly Document[]
  assert.ok(document, `there is no container ${container}`)
  return document
}

/** Performs a command and shows what it made, without what is another one each time. A `_` stands for a space. */
export const look = async (docker: RunDocker, command: string): Promise<Shown> => {
  const [verb = '', ...args] = command
    .split(' ')
    .map((word) => (word.includes(':*_') ? word.replaceAll('_', ' ') : word))
  const { code, stderr } = await docker([verb, '--name', name, ...args])
  assert.ok(code <= 1, `${command}: ${stderr}`)
  const [document, base] = [await inspect(docker, name), await inspect(docker, 'base')]
  await docker(['rm', '-f', '-v', name])
  const names = new Map([
    [document.Id, '<self>'],
    [base.Id, '<base>'],
    [document.Id.slice(0, 12), '<self:12>'],
  ])
  return fieldsOf(document)
    .filter(([path]) => !isOwnWay(path))
    .map(([path, value]) => `${path} ${blank(path, value, names)}`)
    .toSorted()
}

/** Paths and drivers are each daemon's own. */
const isOwnWay = (path: string): boolean =>
  /^\.(Driver|GraphDriver|ResolvConfPath|HostnamePath|HostsPath|LogPath|HostConfig\.Runtime|HostConfig\.CgroupParent)\b/.test(
    path,
  ) || /^\.(Mounts\[\d\]\.Source|NetworkSettings\.SandboxKey)$/.test(path)

/** Lists whose order means nothing, and is another one each time: docker’s CLI sends an environment in the order of a Go map. */
const isSet = (path: string): boolean => /^\.(Mounts|Config\.Env|HostConfig\.(Binds|Mounts|Links))$/.test(path)

const fieldsOf = (value: unknown, path = ''): readonly (readonly [path: string, value: unknown])[] => {
  if (Array.isArray(value)) {
    const order = (one: { Destination?: string }): string => one.Destination ?? JSON.stringify(one)
    const list = isSet(path) ? value.toSorted((a, b) => (order(a) < order(b) ? -1 : 1)) : value
    return list.length === 0 ? [[path, []]] : list.flatMap((one, index) => fieldsOf(one, `${path}[${index}]`))
  }
  if (typeof value !== 'object' || value === null) return [[path, value]]
  const entries = Object.entries(value)
  return entries.length === 0 ? [[path, {}]] : entries.flatMap(([key, one]) => fieldsOf(one, `${path}.${key}`))
}

const patterns: readonly (readonly [path: RegExp, value: RegExp, shown: string])[] = [
  [/\.(Created|StartedAt|FinishedAt|Start|End)$/, /^(?!0001).*Z$/, '<time>'],
  [/\.MacAddress$/, /^(?!.*:99$)..:/, '<mac>'],
  [/\.(IPAddress|Gateway)$/, /^\d+\.\d+\.\d+\.\d+$/, '<address>'],
  [/\.IPPrefixLen$/, /^[1-9]/, '<length>'],
  [/\.HostPort$/, /^[3-6]\d{4}$/, '<port>'],
  [/\.Pid$/, /^[1-9]/, '<pid>'],
  [/\.(SandboxID|EndpointID|NetworkID)$/, /./, '<id>'],
  [/\.Image$/, /^sha256:/, '<image>'],
]

const blank = (path: string, value: unknown, names: ReadonlyMap<string, string>): string => {
  const found = patterns.find(([where, what]) => where.test(path) && what.test(String(value)))
  if (found !== undefined) return `${typeof value} ${found[2]}`
  let text = JSON.stringify(value)
  for (const [id, shown] of names) text = text.replaceAll(id, shown)
  return text.replaceAll(/[0-9a-f]{64}/g, '<id>')
}
