import type { LogLines } from './log-lines.ts'

/** Characters that take two columns. */
const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u
const combining = /\p{Mn}|\u200d|\ufe0f/u

const widthOfChar = (char: string): number => {
  if (combining.test(char)) return 0
  return wide.test(char) ? 2 : 1
}

const isPlain = (text: string): boolean => /^[\x20-\x7e]*$/.test(text)

/** Columns on a terminal. */
export const widthOf = (text: string): number =>
  isPlain(text) ? text.length : [...text].reduce((sum, char) => sum + widthOfChar(char), 0)

/** As much of it as fits. */
export const cutTo = (text: string, width: number): string => {
  if (widthOf(text) <= width) return text
  let used = 0
  let cut = ''
  for (const char of text) {
    used += widthOfChar(char)
    if (used > width) break
    cut += char
  }
  return cut
}

export const padTo = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)))

const sequences = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g

/** A line of output as it would stand on a screen: what a carriage return wrote over is gone, sequences do nothing. */
const settle = (line: string): string => {
  const written = line.replace(/\r+$/, '').split('\r').at(-1) ?? ''
  return written
    .replace(sequences, '')
    .replaceAll('\t', '    ')
    .replace(/\p{Cc}/gu, '')
}

/** The last lines that have something in them. */
export const screenLines = ({ lines }: LogLines, most: number, width: number): readonly string[] => {
  const found: string[] = []
  for (let at = lines.length - 1; at >= 0 && found.length < most; at -= 1) {
    const line = settle(lines[at]?.text.subarray(-4096).toString() ?? '')
    if (line.trim() !== '') found.unshift(cutTo(line, width))
  }
  return found
}
