import { UnixDatagram } from '@slipway/linux'
import type { ContainerRecord } from '../records.ts'
import { attributesOf, type LogOptions, tagOf } from './attributes.ts'
import type { LogEntry } from './entry.ts'

export const journalSocket = '/run/systemd/journal/socket'

/** Whether there is a journal on this machine. */
export const hasJournal = (path = journalSocket): boolean => {
  try {
    UnixDatagram.connect(path)[Symbol.dispose]()
    return true
  } catch {
    return false
  }
}

const priorities = { stdout: '6', stderr: '3' } as const

/** One field of the journal's native protocol: text with a newline in it comes with its length (u64, little endian). */
const field = (name: string, value: string): Buffer => {
  if (!value.includes('\n')) return Buffer.from(`${name}=${value}\n`)
  const bytes = Buffer.from(value)
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(bytes.length))
  return Buffer.concat([Buffer.from(`${name}\n`), length, bytes, Buffer.from('\n')])
}

/** Upper case, digits and `_`, and none of those that only the journal itself may set. */
const fieldName = (text: string): string =>
  text
    .toUpperCase()
    .replace(/[^A-Z0-9_]/g, '_')
    .replace(/^_+/, '')

/** Makes of a container's lines what the journal takes, with docker's fields. Throws invalid for a bad tag. */
export const journalFormat = (record: ContainerRecord, options: LogOptions): ((entry: LogEntry) => Buffer) => {
  const tag = tagOf(options['tag'] ?? '{{.ID}}', record)
  const constant = Object.entries({
    ...Object.fromEntries(
      Object.entries(attributesOf(record, options)).map(([name, value]) => [fieldName(name), value]),
    ),
    CONTAINER_ID: record.id.slice(0, 12),
    CONTAINER_ID_FULL: record.id,
    CONTAINER_NAME: record.name,
    CONTAINER_TAG: tag,
    IMAGE_NAME: record.definition.image,
    SYSLOG_IDENTIFIER: tag,
  }).flatMap(([name, value]) => (name === '' ? [] : [field(name, value)]))
  return ({ log, stream, time }) => {
    const isWhole = log.endsWith('\n')
    return Buffer.concat([
      field('MESSAGE', isWhole ? log.slice(0, -1) : log),
      field('PRIORITY', priorities[stream]),
      field('SYSLOG_TIMESTAMP', time),
      ...(isWhole ? [] : [field('CONTAINER_PARTIAL_MESSAGE', 'true')]),
      ...constant,
    ])
  }
}
