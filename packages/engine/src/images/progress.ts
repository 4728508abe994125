import { type ProgressMessage, progressBar } from '@slipway/client'
import { type Descriptor, type Digest, hexOf } from '@slipway/core'

/** Takes the messages of pull, push, import and bootstrap, which docker's clients draw and people's scripts read. */
export type Report = (message: ProgressMessage) => void

/** A line that counts is drawn at most this often. Milliseconds. */
const interval = 100

/** `a3ed95caeb02`: how a layer is called in front of people. */
export const shortId = (digest: Digest): string => hexOf(digest).slice(0, 12)

/** A line with an id, which a client draws over the last one of the same id. */
export const line = (id: string, status: string): ProgressMessage => ({ status, progressDetail: {}, id })

/** As wide as docker draws it where no terminal is to be seen. */
const barWidth = 200

/** A line that counts bytes: for programs in numbers, for people as the text of a bar. */
export const countLine = (id: string, status: string, count: { current: number; total: number }): ProgressMessage => ({
  status,
  progressDetail: count,
  progress: progressBar(count, barWidth),
  id,
})

/** Reports a count, not too often, and always the end. */
export const counting = (
  report: Report,
  { id, status, total }: { readonly id: string; readonly status: string; readonly total: number },
): ((current: number) => void) => {
  let last = 0
  return (current) => {
    const now = performance.now()
    if (now - last < interval && current !== total) return
    last = now
    report(countLine(id, status, { current, total }))
  }
}

/** `v1: digest: sha256:… size: 1234`, and the same for programs. */
export const reportPushed = (report: Report, tag: string, { digest, size }: Descriptor): void => {
  report({ status: `${tag}: digest: ${digest} size: ${size}` })
  report({ progressDetail: {}, aux: { Tag: tag, Digest: digest, Size: size } })
}
