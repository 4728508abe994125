import { invalid } from '@slipway/core'
import { instruction } from '../instruction.ts'
import { expandWordsIn, withConfig } from '../stage.ts'
import { splitFields } from '../words.ts'

const portSpec = /^(?:.*:)?(\d{1,5})(?:-(\d{1,5}))?(?:\/([a-z]+))?$/i
const protocols = ['tcp', 'udp', 'sctp']
const highestPort = 65535

/** `80`, `80-82/UDP`, `8080:80`: the container's ports, as `80/tcp`. Throws invalid. */
const parsePorts = (text: string): readonly string[] => {
  const [, low, high = low, protocol = 'tcp'] = portSpec.exec(text) ?? []
  if (low === undefined) throw invalid(`invalid containerPort: ${text}`)
  const [first, last] = [Number(low), Number(high)]
  if (first > last || last > highestPort) throw invalid(`invalid containerPort: ${text}`)
  if (!protocols.includes(protocol.toLowerCase()))
    throw invalid(`invalid port: ${JSON.stringify(text)}: invalid proto: ${protocol}`)
  return Array.from({ length: last - first + 1 }, (_, index) => `${first + index}/${protocol.toLowerCase()}`)
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
    const ports = typed.flatMap((text) => expandWordsIn(stage, line, text)).flatMap(parsePorts)
    const added = Object.fromEntries(ports.map((port) => [port, {}]))
    return {
      stage: withConfig(stage, { ExposedPorts: { ...stage.config.ExposedPorts, ...added } }),
      createdBy: `EXPOSE [${ports.join(' ')}]`,
    }
  },
})
