import { SlipwayError } from '@slipway/core'

/** The lines of the file that something takes, from 1. */
export interface Place {
  readonly start: number
  readonly end: number
}

const isPlace = (value: unknown): value is Place =>
  typeof value === 'object' && value !== null && 'start' in value && 'end' in value

/** Where in the file an error was found: mostly one place; none: it says nothing about that. */
export const placesOf = (error: unknown): readonly Place[] => {
  const places = error instanceof SlipwayError ? error.detail['places'] : undefined
  return Array.isArray(places) ? places.filter(isPlace) : []
}

const detailOf = ({ start, end }: Place) => ({ places: [{ start, end }] })

/** A mistake in an instruction, in docker's words: `dockerfile parse error on line 3: unknown instruction: RUNN`. */
export const parseProblem = (place: Place, message: string): SlipwayError =>
  new SlipwayError('invalid', `dockerfile parse error on line ${place.start}: ${message}`, { detail: detailOf(place) })

const withPlace = <T>(place: Place, body: () => T, messageOf: (message: string) => string): T => {
  try {
    return body()
  } catch (error) {
    if (!(error instanceof SlipwayError) || placesOf(error).length > 0) throw error
    const detail = { ...error.detail, ...detailOf(place) }
    throw new SlipwayError(error.code, messageOf(error.message), { cause: error, detail })
  }
}

/** Puts the line in front of what `body` finds wrong with an instruction: its name, its flags, its arguments. */
export const atLine = <T>(place: Place, body: () => T): T =>
  withPlace(place, body, (message) => `dockerfile parse error on line ${place.start}: ${message}`)

/** Takes the line out of the words again: what is wrong isn't there, only at its door. */
export const withoutLine = <T>(place: Place, body: () => T): T => {
  try {
    return body()
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error
    const message = error.message.replace(/^dockerfile parse error on line \d+: /, '')
    throw new SlipwayError(error.code, message, { cause: error, detail: { ...error.detail, ...detailOf(place) } })
  }
}

/**
 * Notes the place, and leaves the words alone. BuildKit names the line only where it takes an instruction apart; not where lines
 * are read, nor where instructions are carried out, for its clients show the lines anyway.
 */
export const fromLine = <T>(place: Place, body: () => T): T => withPlace(place, body, (message) => message)
