import { isIP } from 'node:net'
import { invalid } from '@slipway/core'
import { assign } from '../assignments.ts'
import { noticeForeignPort, noticeProtocol } from '../check/notices.ts'
import { instruction } from '../instruction.ts'
import { quoteText } from '../quote.ts'
import { expandWordsIn, type Stage, withConfig } from '../stage.ts'
import { splitFields } from '../words.ts'

const protocols = ['tcp', 'udp', 'sctp']
const highestPort = 65535
/** Of one instruction: the history tells all of them, also those that are there already. */
const mostPorts = 1_000_000

interface PortRange {
  readonly first: number
  readonly last: number
}

/** `80`, `80-82`; undefined: it is none. */
const parseRange = (text: string): PortRange | undefined => {
  const [, low, high = low] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? []
  const [first, last] = [Number(low), Number(high)]
  return low === undefined || first > last || last > highestPort ? undefined : { first, last }
}

/** `address:outside:inside/protocol`, all but `inside` optional. */
const splitPort = (text: string) => {
  const parts = text.split(':')
  const [inside = '', outside = ''] = parts.toReversed()
  const address = parts
    .slice(0, -2)
    .join(':')
    .replace(/^\[(.*)\]$/, '$1')
  const slash = inside.indexOf('/')
  const port = slash === -1 ? inside : inside.slice(0, slash)
  const protocol = slash === -1 ? '' : inside.slice(slash + 1)
  return { address, outside, port, protocol }
}

const checkOutside = (outside: string, port: string, range: PortRange): void => {
  if (outside === '') return
  const host = parseRange(outside)
  if (host === undefined) throw invalid(`invalid hostPort: ${outside}`)
  const isSame = host.last - host.first === range.last - range.first
  if (isSame || range.last === range.first) return
  throw invalid(`invalid ranges specified for container and host Ports: ${port} and ${outside}`)
}

/** `80`, `80-82/UDP`, `8080:80`: the container's ports, as `80/tcp`. Throws invalid. */
const parsePorts = (text: string, stage: Stage): readonly string[] => {
  const { address, outside, port, protocol: typed } = splitPort(text)
  const protocol = typed.toLowerCase() || 'tcp'
  if (port === '') throw invalid(`invalid port: ${quoteText(text)}: no port specified`)
  if (!protocols.includes(protocol)) throw invalid(`invalid port: ${quoteText(text)}: invalid proto: ${typed}`)
  if (typed !== typed.toLowerCase()) noticeProtocol(stage, text)
  if (address !== '' || outside !== '') noticeForeignPort(stage, text)
  if (address !== '' && isIP(address) === 0) throw invalid(`invalid IP address: ${address}`)
  const range = parseRange(port)
  if (range === undefined) throw invalid(`invalid containerPort: ${port}`)
  checkOutside(outside, port, range)
  return Array.from({ length: range.last - range.first + 1 }, (_, index) => `${range.first + index}/${protocol}`)
}

export const expose = instruction({
  name: 'EXPOSE',
  parse(line) {
    if (line.text === '') throw invalid('EXPOSE requires at least one argument')
    return { line }
  },
  apply({ line }, stage) {
    // In the order of the text as it was typed, as BuildKit's history tells them.
    const typed = [...splitFields(line.text)].sort()
    const ports: string[] = []
    for (const text of typed.flatMap((each) => expandWordsIn(stage, line, each))) {
      for (const port of parsePorts(text, stage)) ports.push(port)
      if (ports.length > mostPorts) throw invalid(`EXPOSE of more than ${mostPorts} ports`)
    }
    const added = ports.map((port) => [port, {}] as const)
    const change = ports.length === 0 ? {} : { ExposedPorts: assign(stage.config.ExposedPorts, added) }
    return { stage: withConfig(stage, change), createdBy: `EXPOSE [${ports.join(' ')}]` }
  },
})
