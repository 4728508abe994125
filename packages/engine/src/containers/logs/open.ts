import { join } from 'node:path'
import { SlipwayError } from '@slipway/core'
import type { ContainerRecord } from '../records.ts'
import { type ContainerRoom, pathsOf } from '../room.ts'
import { detailsOf } from './attributes.ts'
import { unixDatagrams } from './channel.ts'
import { ContainerLog, type LogSink } from './container-log.ts'
import { FileSink, type LogLimits } from './file-sink.ts'
import { type ForwardOptions, ForwardSink } from './forward.ts'
import { frames } from './frames.ts'
import { hasJournal, journalFormat, journalSocket } from './journald.ts'
import { jsonLines } from './json-lines.ts'
import { bufferSizeOf, defaultLogDriver, logLimitsOf } from './options.ts'
import type { KeptLog } from './read.ts'
import { hasSyslog, syslogChannel, syslogFormat } from './syslog.ts'

const configOf = ({ definition }: ContainerRecord) => {
  const { Type, Config } = definition.hostConfig.LogConfig ?? {}
  return { driver: Type || defaultLogDriver, options: Config ?? {} }
}

/**
 * Where a container's lines are on the disk, and in what form. What is sent to a collector is kept here as well, so that it
 * can be read (docker calls that the cache). Undefined: they aren't.
 */
export const keptLogOf = (room: ContainerRoom, record: ContainerRecord): KeptLog | undefined => {
  const { driver, options } = configOf(record)
  const paths = pathsOf(room, record.id)
  if (driver === 'none') return undefined
  if (driver === 'json-file') return { path: paths.log, format: jsonLines(detailsOf(record, options)) }
  if (driver === 'local') return { path: join(paths.data, 'local-logs/container.log'), format: frames }
  return /^(1|t|true)$/i.test(options['cache-disabled'] ?? '')
    ? undefined
    : { path: join(paths.data, 'container-cached.log'), format: frames }
}

type Forwarding = Pick<ForwardOptions, 'open' | 'format'>

const forwardingOf = (record: ContainerRecord): Forwarding | undefined => {
  const { driver, options } = configOf(record)
  if (driver === 'journald') return { open: unixDatagrams(journalSocket), format: journalFormat(record, options) }
  if (driver === 'syslog') return { open: syslogChannel(options), format: syslogFormat(record, options) }
  return undefined
}

/** Throws unavailable, in docker's words, when a container can't start for want of a log. */
export const checkLogDriver = (record: ContainerRecord): void => {
  const { driver, options } = configOf(record)
  const missing = (words: string): SlipwayError =>
    new SlipwayError('internal', `failed to create task for container: failed to initialize logging driver: ${words}`)
  if (driver === 'journald' && !hasJournal()) throw missing('journald is not enabled on this host')
  if (driver === 'syslog' && !hasSyslog(options)) throw missing('Unix syslog delivery error')
}

/** Opens what takes a container's output; undefined with `--log-driver none`. */
export const openLog = (room: ContainerRoom, record: ContainerRecord): ContainerLog | undefined => {
  const { driver, options } = configOf(record)
  const onFailure = (error: unknown): void =>
    room.logger.error({ containerId: record.id, error }, 'lines of the log are lost')
  const sinks: LogSink[] = []
  const kept = keptLogOf(room, record)
  if (kept !== undefined) {
    const limits: LogLimits = logLimitsOf(driver, options)
    sinks.push(new FileSink(kept.path, { format: kept.format, limits, onFailure }))
  }
  const forwarding = forwardingOf(record)
  if (forwarding !== undefined) sinks.push(new ForwardSink({ ...forwarding, limit: bufferSizeOf(options), onFailure }))
  return sinks.length > 0 ? new ContainerLog(sinks) : undefined
}
