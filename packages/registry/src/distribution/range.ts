export interface ClosedRange {
  readonly start: number
  /** Included. */
  readonly end: number
}

const maximumRanges = 1024

const parseSpec = (text: string, size: number): ClosedRange | 'malformed' | 'unsatisfiable' => {
  const parts = /^(\d*)-(\d*)$/.exec(text.trim())
  if (parts === null) return 'malformed'
  const [, first = '', last = ''] = parts
  if (first === '') {
    if (last === '') return 'malformed'
    const length = Math.min(Number(last), size)
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size - 1 }
  }
  if (last !== '' && Number(last) < Number(first)) return 'malformed'
  if (Number(first) >= size) return 'unsatisfiable'
  return { start: Number(first), end: last === '' ? size - 1 : Math.min(Number(last), size - 1) }
}

/**
 * The `Range` header (RFC 9110, section 14). Undefined: send everything, because there is none, it can't be read, or it asks
 * for more than the whole; an empty list: nothing of it is there (416).
 */
export const parseRange = (header: string | undefined, size: number): readonly ClosedRange[] | undefined => {
  if (header === undefined || !/^bytes=/i.test(header)) return undefined
  const specs = header.slice('bytes='.length).split(',')
  if (specs.length > maximumRanges) return undefined
  const ranges: ClosedRange[] = []
  for (const spec of specs) {
    const range = parseSpec(spec, size)
    if (range === 'malformed') return undefined
    if (range !== 'unsatisfiable') ranges.push(range)
  }
  const total = ranges.reduce((sum, { start, end }) => sum + end - start + 1, 0)
  return total > size ? undefined : ranges
}

/** `Content-Range: 0-1023` of an upload's chunk, without unit (OCI) or with one. Undefined when it can't be read. */
export const parseChunkRange = (header: string): ClosedRange | undefined => {
  const parts = /^(?:bytes[ =])?(\d{1,15})-(\d{1,15})(?:\/(?:\d+|\*))?$/.exec(header.trim())
  if (parts === null) return undefined
  const range = { start: Number(parts[1]), end: Number(parts[2]) }
  return range.end < range.start ? undefined : range
}
