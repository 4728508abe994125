import type { Flag, Flags } from './flag.ts'

const indent = (width: number): string => ' '.repeat(width)

/** A line may be this much longer than the wrap before it is broken. */
const slop = 5
const narrowest = 24

/** Breaks `text` at spaces the way pflag does, so that the pages look as docker's do. */
const wrapText = (text: string, column: number, width: number): string => {
  const room = width - column - slop
  if (room + slop < narrowest) return text.replaceAll('\n', `\n${indent(column)}`)
  const lines: string[] = []
  let rest = text
  while (rest.length >= room + slop) {
    const head = rest.slice(0, room)
    const space = Math.max(head.lastIndexOf(' '), head.lastIndexOf('\t'), head.lastIndexOf('\n'))
    if (space <= 0) break
    const newline = head.lastIndexOf('\n')
    const cut = newline > 0 && newline < space ? newline : space
    lines.push(rest.slice(0, cut))
    rest = rest.slice(cut + 1)
  }
  return [...lines, rest].join('\n').replaceAll('\n', `\n${indent(column)}`)
}

const label = (name: string, { short, placeholder }: Flag<unknown>): string =>
  `${short === '' ? '      ' : `  -${short}, `}--${name}${placeholder === '' ? '' : ` ${placeholder}`}`

/** The list of flags under "Options:". */
export const flagUsages = (flags: Flags, width = 80): string => {
  const rows = Object.entries(flags)
    .filter(([, flag]) => !flag.hidden)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, flag]) => ({
      left: label(name, flag),
      right: flag.help + (flag.shownDefault === '' ? '' : ` (default ${flag.shownDefault})`),
    }))
  const column = Math.max(...rows.map(({ left }) => left.length)) + 3
  return rows.map(({ left, right }) => `${left.padEnd(column)}${wrapText(right, column, width - 1)}\n`).join('')
}
