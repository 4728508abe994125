import { invalid } from '@slipway/core'

/** `["a", "b"]`; undefined when the text isn't JSON, which makes it the shell form. Throws invalid on `["a", 1]`. */
export const parseJsonForm = (text: string): readonly string[] | undefined => {
  if (!text.startsWith('[')) return undefined
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!Array.isArray(parsed)) return undefined
  if (!parsed.every((word) => typeof word === 'string')) {
    throw invalid('when using JSON array syntax, arrays must be comprised of strings only')
  }
  return parsed
}
