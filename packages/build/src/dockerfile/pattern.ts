import { invalid, matchPrefix, type Token } from '@slipway/core'

const notNewline = (char: string): boolean => char !== '\n'

/** `*`, `?` and `\` of the shell's `${name#pattern}`; brackets mean nothing here. */
const parse = (pattern: string): Token[] => {
  const chars = [...pattern]
  const tokens: Token[] = []
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at] ?? ''
    // Several mean what one means.
    if (char === '*' && tokens.at(-1)?.kind === 'run') continue
    if (char === '*') tokens.push({ kind: 'run', accepts: notNewline })
    else if (char === '?') tokens.push({ kind: 'one', accepts: notNewline })
    else if (char === '\\') {
      const escaped = chars[at + 1]
      if (escaped === undefined || !'*?\\}/'.includes(escaped)) throw invalid(`invalid escape '\\${escaped ?? ''}'`)
      tokens.push({ kind: 'char', char: escaped })
      at += 1
    } else tokens.push({ kind: 'char', char })
  }
  return tokens
}

const parseOrComplain = (pattern: string): Token[] => {
  try {
    return parse(pattern)
  } catch (error) {
    throw invalid(`invalid pattern (${pattern}) in substitution: ${error instanceof Error ? error.message : error}`)
  }
}

// Matching takes pattern × value, and looking for a match at every place once more the value in the worst case: enough for 4 KiB
// of that, and for 1 MiB of the usual.
const mostWork = 20_000_000

const limitedWork = (): ((places: number) => void) => {
  let work = 0
  return (places) => {
    work += places
    if (work > mostWork) throw invalid('substitution takes too long: the value is too big for the pattern')
  }
}

/** `${value#pattern}`, and with `greedy` `${value##pattern}`. */
export const trimPrefix = (value: string, pattern: string, greedy: boolean): string => {
  const match = matchPrefix(parseOrComplain(pattern), value, 0, limitedWork())
  return match === undefined ? value : value.slice(greedy ? match.longest : match.shortest)
}

const reversed = (text: string): string => [...text].reverse().join('')

/** `${value%pattern}`, and with `greedy` `${value%%pattern}`: the prefix of everything written backwards. */
export const trimSuffix = (value: string, pattern: string, greedy: boolean): string => {
  const backwards = reversed(value)
  const match = matchPrefix(parseOrComplain(pattern).reverse(), backwards, 0, limitedWork())
  return match === undefined ? value : reversed(backwards.slice(greedy ? match.longest : match.shortest))
}

/** Go expands `$name` in the replacement of a ReplaceAllString; patterns have no groups, so all of them are empty. */
const asGoTemplate = (replacement: string): string =>
  replacement.replace(/\$(?:\$|\{\w+\}|\w+)/g, (reference) => (reference === '$$' ? '$' : ''))

/** `${value/pattern/replacement}`, and with `all` `${value//pattern/replacement}`. A match is as long as it can be. */
export const replacePattern = (value: string, pattern: string, replacement: string, all: boolean): string => {
  const tokens = parseOrComplain(pattern)
  const inserted = all ? asGoTemplate(replacement) : replacement
  let result = ''
  let position = 0
  let lastEnd = -1
  const onWork = limitedWork()
  while (position <= value.length) {
    const match = matchPrefix(tokens, value, position, onWork)
    const isNew = match !== undefined && (match.longest > 0 || position !== lastEnd)
    if (isNew) {
      result += inserted
      if (!all) return result + value.slice(position + match.longest)
      position += match.longest
      lastEnd = position
    }
    if (!isNew || match.longest === 0) {
      result += value.slice(position, position + 1)
      position += 1
    }
  }
  return result
}
