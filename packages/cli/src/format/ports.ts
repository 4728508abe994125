import type { PortSummary } from '@slipway/client'

const inOrder = (a: PortSummary, b: PortSummary): number =>
  a.PrivatePort - b.PrivatePort ||
  compareText(a.IP ?? '', b.IP ?? '') ||
  (a.PublicPort ?? 0) - (b.PublicPort ?? 0) ||
  compareText(a.Type, b.Type)

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const address = (ip: string, port: string): string => `${ip.includes(':') ? `[${ip}]` : ip}:${port}`

interface Run {
  readonly ip: string
  readonly type: string
  readonly first: number
  last: number
}

const showRun = ({ ip, type, first, last }: Run): string => {
  const ports = first === last ? String(first) : `${first}-${last}`
  return `${ip === '' ? '' : `${address(ip, ports)}->`}${ports}/${type}`
}

/**
 * Ports as the table of `ps` shows them: neighbours that are mapped to themselves (or not at all) become one run, the
 * other mappings follow one by one.
 */
export const showPorts = (ports: readonly PortSummary[]): string => {
  const open = new Map<string, Run>()
  const closed: string[] = []
  const mapped: string[] = []
  for (const { IP: ip = '', PrivatePort: port, PublicPort: host, Type: type } of [...ports].sort(inOrder)) {
    if (ip !== '' && host !== port) {
      mapped.push(`${address(ip, String(host))}->${port}/${type}`)
      continue
    }
    const key = `${ip}/${type}`
    const run = open.get(key)
    if (run !== undefined && run.last + 1 === port) {
      run.last = port
      continue
    }
    if (run !== undefined) closed.push(showRun(run))
    // A run keeps the place of its first port, also when another takes it over.
    open.set(key, { ip, type, first: port, last: port })
  }
  return [...closed, ...[...open.values()].map(showRun), ...mapped].join(', ')
}
