import { invalid, messageOf, type Platform, parsePlatform as parse } from '@slipway/core'

/** `linux/arm64/v8`. Throws invalid, in BuildKit's words. */
export const parsePlatform = (text: string): Platform => {
  try {
    return parse(text)
  } catch (error) {
    throw invalid(`failed to parse platform ${text}: ${messageOf(error)}`, error)
  }
}
