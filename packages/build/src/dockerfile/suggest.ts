/** The number of single-character edits between two words (Levenshtein). */
const distance = (a: string, b: string): number => {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 0; i < a.length; i++) {
    const row = [i + 1]
    for (let j = 0; j < b.length; j++) {
      const substitution = (previous[j] ?? 0) + (a[i] === b[j] ? 0 : 1)
      row.push(Math.min(substitution, (previous[j + 1] ?? 0) + 1, (row[j] ?? 0) + 1))
    }
    previous = row
  }
  return previous.at(-1) ?? 0
}

const farthest = 2
const longest = 64

const closest = (typed: string, options: readonly string[]): string | undefined => {
  if (typed.length > longest || options.includes(typed)) return undefined
  return options
    .map((option) => ({ option, edits: distance(typed, option) }))
    .filter(({ edits }) => edits <= farthest)
    .sort((a, b) => a.edits - b.edits)
    .at(0)?.option
}

const question = (word: string | undefined, sign: string): string =>
  word === undefined ? '' : ` (did you mean ${sign}${word}?)`

/** ` (did you mean from?)` when one of `options` is at most two edits away from what was typed; otherwise nothing. */
export const didYouMean = (typed: string, options: readonly string[], sign = ''): string =>
  question(closest(typed, options), sign)

/** The same in whatever case; what is meant is told in capitals only to those who typed in capitals. */
export const didYouMeanInAnyCase = (typed: string, options: readonly string[]): string => {
  const word = closest(
    typed.toLowerCase(),
    options.map((option) => option.toLowerCase()),
  )
  return question(typed === typed.toUpperCase() ? word?.toUpperCase() : word, '')
}
