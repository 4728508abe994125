import { excerpt, type LineRange } from '../excerpt.ts'
import type { Shown } from './call.ts'

interface Location {
  readonly sourceIndex?: number
  readonly ranges?: readonly {
    readonly start?: { readonly line?: number }
    readonly end?: { readonly line?: number }
  }[]
}

interface CheckAnswer {
  readonly warnings:
    | readonly {
        readonly ruleName: string
        readonly url?: string
        readonly detail: string
        readonly location?: Location
      }[]
    | null
  readonly sources: readonly { readonly filename: string; readonly data: string }[]
  readonly buildError?: { readonly message: string; readonly location?: Location }
}

const linesOf = ({ ranges = [] }: Location): readonly LineRange[] =>
  ranges.map(({ start, end }) => ({ first: start?.line ?? 0, last: end?.line ?? start?.line ?? 0 }))

/** What the build checks found, with the lines it is about; on stderr, what keeps the file from being built. */
export const showCheck = (answer: unknown, path: string): Shown => {
  const { warnings, sources, buildError } = answer as CheckAnswer
  const linesAt = (location: Location = {}): string => {
    const source = sources[location.sourceIndex ?? 0]
    const text = Buffer.from(source?.data ?? '', 'base64').toString()
    return excerpt({ filename: path, text }, linesOf(location))
  }
  const found = warnings ?? []
  const counted = found.length === 1 ? '1 warning has' : `${found.length} warnings have`
  const title = `Check complete, ${found.length === 0 ? 'no warnings found.' : `${counted} been found!`}\n`
  const list = found.map(
    ({ ruleName, url, detail, location }) =>
      `\nWARNING: ${ruleName}${url ? ` - ${url}` : ''}\n${detail}\n${linesAt(location)}`,
  )
  if (buildError === undefined) return { stdout: title + list.join('') }
  const failure = `ERROR: ${buildError.message}\n${linesAt(buildError.location)}\n`
  return { stdout: found.length === 0 ? '' : `${title}${list.join('')}\n`, stderr: failure }
}
