import { detailsOf } from '@slipway/buildkit/client'

export interface SourceText {
  readonly filename: string
  readonly text: string
}

export interface LineRange {
  readonly first: number
  readonly last: number
}

/** So many lines, where there are as many, are shown around one that is meant, and around several. */
const aroundOne = 4
const aroundSeveral = 2

/** The lines of a Dockerfile that something is said of, marked, and some before and after. */
export const excerpt = ({ filename, text }: SourceText, ranges: readonly LineRange[]): string => {
  const lines = text.split('\n')
  const [first] = ranges
  if (first === undefined) return ''
  let start = Math.max(1, Math.min(...ranges.map((range) => range.first)))
  let end = Math.min(lines.length, Math.max(...ranges.map((range) => range.last)))
  if (start > lines.length || first.first < 1) return ''
  const isMeant = (line: number): boolean => ranges.some((range) => line >= range.first && line <= range.last)
  const around = start === end ? aroundOne : aroundSeveral
  for (let added = 0; added < around && (start > 1 || end < lines.length); ) {
    if (start > 1) {
      start -= 1
      added += 1
    }
    if (end < lines.length) {
      end += 1
      added += 1
    }
    added += 1
  }
  const shown = lines.slice(start - 1, end).map((line, index) => {
    const number = start + index
    return ` ${String(number).padStart(3)} | ${isMeant(number) ? '>>>' : '   '} ${line}\n`
  })
  const rule = `${'-'.repeat(20)}\n`
  return `${filename}:${first.first}\n${rule}${shown.join('')}${rule}`
}

interface SourceDetail {
  readonly info?: { readonly filename?: string; readonly data?: string }
  readonly ranges?: readonly {
    readonly start?: { readonly line?: number }
    readonly end?: { readonly line?: number }
  }[]
}

/** Where in the Dockerfile an error of the daemon's is; empty where it doesn't say. */
export const excerptsOf = (error: unknown): string =>
  detailsOf(error)
    .filter(({ typeUrl }) => typeUrl.endsWith('errdefs.Source+json'))
    .map(({ value }) => {
      const { info = {}, ranges = [] } = JSON.parse(Buffer.from(value).toString()) as SourceDetail
      const text = Buffer.from(info.data ?? '', 'base64').toString()
      const lines = ranges.map(({ start, end }) => ({ first: start?.line ?? 0, last: end?.line ?? start?.line ?? 0 }))
      return excerpt({ filename: info.filename ?? '', text }, lines)
    })
    .join('')
