/**
 * Whether the whole text fits: `*` stands for any letters, also none and slashes, `?` for one. Goes back to the last star only,
 * so that no pattern takes longer than its length times the text's.
 */
export const fitsGlob = (pattern: string, text: string): boolean => {
  let [at, from, star, resume] = [0, 0, -1, 0]
  while (from < text.length) {
    if (pattern[at] === '*') {
      star = at++
      resume = from
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[from])) {
      at++
      from++
    } else if (star !== -1) {
      at = star + 1
      from = ++resume
    } else return false
  }
  while (pattern[at] === '*') at++
  return at === pattern.length
}
