import type { PortSummary } from '@slipway/client'

/** One row for both families. */
const distinct = (ports: readonly PortSummary[]): readonly PortSummary[] => {
  const seen = new Map<string, PortSummary>()
  for (const port of ports) {
    const key = `${port.PublicPort ?? ''} ${port.PrivatePort}/${port.Type}`
    if (!seen.has(key)) seen.set(key, port)
  }
  return [...seen.values()]
}

/** Where a browser would find it; the address that this page came from, where the port answers on every one. */
const addressOf = ({ IP = '', PublicPort }: PortSummary): string => {
  const host = IP === '' || IP === '0.0.0.0' || IP === '::' ? location.hostname : IP
  return `http://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${PublicPort}/`
}

/** Published ports as links, the others as words. */
export const PortLinks = ({ ports }: { readonly ports: readonly PortSummary[] }) => (
  <span className="chips mono">
    {distinct(ports).map((port) => {
      const inside = `${port.PrivatePort}/${port.Type}`
      if (port.PublicPort === undefined) return <span key={inside}>{inside}</span>
      const text = `${port.PublicPort}→${inside}`
      if (port.Type !== 'tcp') return <span key={text}>{text}</span>
      return (
        <a key={text} href={addressOf(port)} target="_blank" rel="noreferrer">
          {text}
        </a>
      )
    })}
  </span>
)
