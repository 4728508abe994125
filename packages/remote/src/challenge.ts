/** One challenge of a `WWW-Authenticate` header (RFC 9110, section 11.6.1). */
export interface Challenge {
  /** In lower case: `bearer`, `basic`. */
  readonly scheme: string
  readonly parameters: Readonly<Record<string, string>>
}

const longestHeader = 8192
const schemePattern = /\s*([A-Za-z][A-Za-z0-9!#$%&'*+.^_`|~-]*)(?=\s|$|,)\s*/y
const parameterPattern = /\s*,?\s*([A-Za-z0-9!#$%&'*+.^_`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))\s*/y

const readAt = (pattern: RegExp, text: string, at: number): RegExpExecArray | undefined => {
  pattern.lastIndex = at
  return pattern.exec(text) ?? undefined
}

const parseHeader = (header: string): readonly Challenge[] => {
  const challenges: Challenge[] = []
  let at = 0
  while (at < header.length) {
    const scheme = readAt(schemePattern, header, at)
    if (scheme === undefined) break
    at += scheme[0].length
    const parameters: Record<string, string> = Object.create(null)
    for (let found = readAt(parameterPattern, header, at); found; found = readAt(parameterPattern, header, at)) {
      at += found[0].length
      const [, name = '', quoted, plain] = found
      parameters[name.toLowerCase()] = quoted?.replace(/\\(.)/g, '$1') ?? plain ?? ''
    }
    challenges.push({ scheme: (scheme[1] ?? '').toLowerCase(), parameters })
    if (header[at] === ',') at += 1
  }
  return challenges
}

/** Reads the header, or the several headers, of a 401. What can't be read is left out. */
export const parseChallenges = (header: string | readonly string[] | undefined): readonly Challenge[] =>
  (typeof header === 'string' ? [header] : (header ?? [])).flatMap((line) => parseHeader(line.slice(0, longestHeader)))
