import type { control } from '@slipway/buildkit/client'
import { rfcStamp as stamp } from '../stamp.ts'

type Status = control.StatusMessage

const some = <T>(list: readonly T[]): readonly T[] | undefined => (list.length === 0 ? undefined : list)
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

const warning = ({ vertex, level, short, detail, url, info, ranges }: Status['warnings'][number]) => ({
  vertex,
  level,
  short: base64(short),
  detail: some(detail.map(base64)),
  url: url || undefined,
  sourceInfo: info && { filename: info.filename, data: base64(info.data), language: info.language || undefined },
  range: some(ranges.map(({ start, end }) => ({ start: { line: start?.line }, end: { line: end?.line } }))),
})

/** One line of `--progress=rawjson`, with the fields that buildx has in it. */
export const rawJson = ({ vertexes, statuses, logs, warnings }: Status): string =>
  JSON.stringify({
    vertexes: some(
      vertexes.map(({ digest, inputs, name, started, completed, cached, error }) => ({
        digest,
        inputs: some(inputs),
        name,
        started: stamp(started),
        completed: stamp(completed),
        cached: cached || undefined,
        error: error || undefined,
      })),
    ),
    statuses: some(
      statuses.map(({ id, vertex, name, total, current, timestamp, started, completed }) => ({
        id,
        vertex,
        name: name || undefined,
        total: total || undefined,
        current,
        timestamp: stamp(timestamp),
        started: stamp(started),
        completed: stamp(completed),
      })),
    ),
    logs: some(
      logs.map(({ vertex, stream, msg, timestamp }) => ({
        vertex,
        stream,
        data: base64(msg),
        timestamp: stamp(timestamp),
      })),
    ),
    warnings: some(warnings.map(warning)),
  })
