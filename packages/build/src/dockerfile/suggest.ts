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

/** ` (did you mean RUN?)` when one of `options` is at most two edits away from what was typed; otherwise nothing. */
export const didYouMean = (typed: string, options: readonly string[], sign = ''): string => {
  if (typed.length > 64) return ''
  const best = options
    .map((option) => ({ option, edits: distance(typed.toLowerCase(), option.toLowerCase()) }))
    .filter(({ edits }) => edits > 0 && edits <= farthest)
    .sort((a, b) => a.edits - b.edits)
    .at(0)
  return best === undefined ? '' : ` (did you mean ${sign}${best.option}?)`
}
