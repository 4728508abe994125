import { existsSync, readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { invalid } from '@slipway/core'
import { UnixDatagram } from '@slipway/linux'
import type { ContainerRecord } from '../records.ts'
import { type LogOptions, tagOf } from './attributes.ts'
import { type OpenChannel, tcpStream, tlsStream, udpDatagrams, unixDatagrams, unixStream } from './channel.ts'
import type { LogEntry } from './entry.ts'

/** Where the system's own listens, in the order that docker looks. */
const localSockets = ['/dev/log', '/var/run/syslog', '/var/run/log']
const defaultPort = 514

const facilities = 'kern user mail daemon auth syslog lpr news uucp cron authpriv ftp'.split(' ')
const severities = { stdout: 6, stderr: 3 } as const

const facilityOf = (text: string | undefined): number => {
  if (!text) return facilities.indexOf('daemon')
  const local = /^local([0-7])$/.exec(text)?.[1]
  const number = local === undefined ? facilities.indexOf(text) : 16 + Number(local)
  if (number >= 0) return number
  if (/^\d{1,2}$/.test(text) && Number(text) <= 23) return Number(text)
  throw invalid('invalid syslog facility')
}

const formats = ['', 'rfc3164', 'rfc5424', 'rfc5424micro'] as const
type Format = (typeof formats)[number]

const formatOf = (text: string | undefined): Format => {
  const format = formats.find((one) => one === (text ?? ''))
  if (format === undefined) throw invalid('Invalid syslog format')
  return format
}

interface Address {
  readonly kind: 'local' | 'unix' | 'unixgram' | 'udp' | 'tcp' | 'tcp+tls'
  readonly path: string
  readonly host: string
  readonly port: number
}

const addressOf = (text: string | undefined): Address => {
  const nowhere = { path: '', host: '', port: 0 }
  if (!text) return { kind: 'local', ...nowhere }
  const [, scheme = '', rest = ''] = /^([a-z+]+):\/\/(.+)$/.exec(text) ?? []
  if (scheme === 'unix' || scheme === 'unixgram') {
    if (!existsSync(rest)) throw invalid(`stat ${rest.slice(0, 200)}: no such file or directory`)
    return { kind: scheme, ...nowhere, path: rest }
  }
  if (scheme !== 'udp' && scheme !== 'tcp' && scheme !== 'tcp+tls') {
    throw invalid(`unsupported scheme: '${scheme.slice(0, 80)}'`)
  }
  const [, bracketed, plain = '', port = String(defaultPort)] =
    /^(?:\[(.+)\]|([^:]+))(?::(\d{1,5}))?\/?$/.exec(rest) ?? []
  const host = bracketed ?? plain
  if (host === '' || Number(port) > 65535) throw invalid(`invalid syslog address: ${text.slice(0, 200)}`)
  return { kind: scheme, path: '', host, port: Number(port) }
}

const fileOf = (path: string | undefined): Buffer | undefined => {
  try {
    return path ? readFileSync(path) : undefined
  } catch (error) {
    throw invalid(`Could not read ${path}`, error)
  }
}

/** Throws invalid, in docker's words, for options that make no sense. */
export const checkSyslogOptions = (options: LogOptions): void => {
  addressOf(options['syslog-address'])
  facilityOf(options['syslog-facility'])
  formatOf(options['syslog-format'])
}

const localSocket = (): string | undefined =>
  localSockets.find((path) => {
    try {
      UnixDatagram.connect(path)[Symbol.dispose]()
      return true
    } catch {
      return false
    }
  })

/** Whether the machine's own is there, for those who name no other. */
export const hasSyslog = (options: LogOptions): boolean =>
  addressOf(options['syslog-address']).kind !== 'local' || localSocket() !== undefined

/** The way to the collector. */
export const syslogChannel = (options: LogOptions): OpenChannel => {
  const { kind, path, host, port } = addressOf(options['syslog-address'])
  switch (kind) {
    case 'local':
      return (events) => unixDatagrams(localSocket() ?? localSockets[0] ?? '')(events)
    case 'unixgram':
      return unixDatagrams(path)
    case 'unix':
      // As docker's: what is called so is mostly a socket of datagrams.
      return (events) => {
        try {
          return unixDatagrams(path)(events)
        } catch {
          return unixStream(path)(events)
        }
      }
    case 'udp':
      return udpDatagrams(host, port)
    case 'tcp':
      return tcpStream(host, port)
    case 'tcp+tls':
      return tlsStream({
        host,
        port,
        servername: host,
        ca: fileOf(options['syslog-tls-ca-cert']),
        cert: fileOf(options['syslog-tls-cert']),
        key: fileOf(options['syslog-tls-key']),
        rejectUnauthorized: options['syslog-tls-skip-verify'] === undefined,
      })
  }
}

const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')
const two = (number: number): string => String(number).padStart(2, '0')

/** `Feb  5 17:32:18`, in the machine's zone: RFC 3164 has no other. */
const stamp = (time: string): string => {
  const date = new Date(time)
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')
  return `${months[date.getMonth()]} ${String(date.getDate()).padStart(2, ' ')} ${clock}`
}

interface Parts {
  readonly priority: number
  readonly time: string
  readonly tag: string
  readonly text: string
}

/** As dockerd writes them: without a format, that of syslog(3), which names no host. */
const writers: Readonly<Record<Format, (parts: Parts) => string>> = {
  '': ({ priority, time, tag, text }) => `<${priority}>${stamp(time)} ${tag}[${process.pid}]: ${text}`,
  rfc3164: ({ priority, time, tag, text }) =>
    `<${priority}>${stamp(time)} ${hostname()} ${tag}[${process.pid}]: ${text}`,
  rfc5424: ({ priority, time, tag, text }) =>
    `<${priority}>1 ${time.slice(0, 19)}Z ${hostname()} ${tag} ${process.pid} ${tag} - ${text}`,
  rfc5424micro: ({ priority, time, tag, text }) =>
    `<${priority}>1 ${time.slice(0, 26)}Z ${hostname()} ${tag} ${process.pid} ${tag} - ${text}`,
}

/** Makes of a container's lines what a syslog takes. Throws invalid for a bad tag. */
export const syslogFormat = (record: ContainerRecord, options: LogOptions): ((entry: LogEntry) => Buffer) => {
  const tag = tagOf(options['tag'] ?? '{{.ID}}', record)
  const facility = facilityOf(options['syslog-facility'])
  const format = formatOf(options['syslog-format'])
  const write = writers[format]
  // RFC 5425, section 4.3: over TLS each message has its length before it.
  const isCounted = addressOf(options['syslog-address']).kind === 'tcp+tls' && format.startsWith('rfc5424')
  return ({ log, stream, time }) => {
    const priority = facility * 8 + severities[stream]
    const line = Buffer.from(`${write({ priority, time, tag, text: log.replace(/\n$/, '') })}\n`)
    return isCounted ? Buffer.concat([Buffer.from(`${line.length} `), line]) : line
  }
}
