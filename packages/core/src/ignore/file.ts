import { invalid } from '../errors.ts'
import { cleanPath } from './matcher.ts'

/** Bytes of a line: what docker reads. */
const longestLine = 65_535

/** The patterns of a .dockerignore file, in order. A `#` makes a comment only in the first column. Throws invalid. */
export const parseIgnoreFile = (text: string): readonly string[] => {
  const patterns: string[] = []
  for (const line of text.replace(/^\uFEFF/, '').split('\n')) {
    if (line.length * 3 > longestLine && Buffer.byteLength(line) > longestLine) {
      throw invalid('failed parsing .dockerignore: bufio.Scanner: token too long')
    }
    if (line.startsWith('#')) continue
    const trimmed = line.trim()
    if (trimmed === '') continue
    const exception = trimmed.startsWith('!')
    const typed = exception ? trimmed.slice(1).trim() : trimmed
    const cleaned = typed === '' ? '' : cleanPath(typed)
    const relative = cleaned.length > 1 && cleaned.startsWith('/') ? cleaned.slice(1) : cleaned
    patterns.push((exception ? '!' : '') + relative)
  }
  return patterns
}
