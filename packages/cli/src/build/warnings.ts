import type { control } from '@slipway/buildkit/client'
import { excerpt } from './excerpt.ts'

type Warning = control.StatusMessage['warnings'][number]

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString()

const whole = ({ short, detail, url, info, ranges }: Warning): string => {
  const lines = ranges.map(({ start, end }) => ({ first: start?.line ?? 0, last: end?.line ?? start?.line ?? 0 }))
  const source = info && excerpt({ filename: info.filename, text: textOf(info.data) }, lines)
  const more = url === '' ? [] : [`More info: ${url}`]
  return `${[` - ${textOf(short)}`, ...detail.map(textOf), ...more].join('\n')}\n${source ? `${source}\n` : ''}`
}

/** What the build checks found, as it is listed at the end: a line each, or with `debug` all of it. Empty: nothing. */
export const showWarnings = (
  warnings: readonly Warning[],
  { debug, colours }: { readonly debug: boolean; readonly colours: boolean },
): string => {
  if (warnings.length === 0) return ''
  const count = `${warnings.length} warning${warnings.length === 1 ? '' : 's'} found`
  const title = debug ? `${count}:` : `${count} (use --debug to expand):`
  const body = debug ? warnings.map(whole) : warnings.map(({ short }) => ` - ${textOf(short)}\n`)
  return `\n ${colours ? `\u001b[33m${title}\u001b[0m` : title}\n${body.join('')}`
}
