import { shape } from '@slipway/http'
import type { Visibility } from '../access/visibility.ts'
import { ociError } from '../distribution/oci-error.ts'

const { integer, object, text } = shape

const longestDescription = 250

export interface ProjectWish {
  readonly name?: string
  readonly description?: string
  readonly visibility?: string
}

export const projectBody = {
  shape: object<ProjectWish>('Project', { name: text(), description: text(), visibility: text() }),
}

export const quotaBody = {
  shape: object<{ readonly quota?: number }>('Quota', {
    quota: integer('int64', { minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  }),
}

export const roleBody = { shape: object<{ readonly role?: string }>('Member', { role: text() }) }

export interface RobotWish {
  readonly name?: string
  readonly description?: string
  readonly actions?: string
  readonly expiresIn?: string
}

export const robotBody = {
  shape: object<RobotWish>('Robot', { name: text(), description: text(), actions: text(), expiresIn: text() }),
}

/** One line, and not too long. Throws REQUEST_INVALID. */
export const descriptionFrom = (given = ''): string => {
  const line = given.replace(/\s+/g, ' ').trim()
  if (line.length <= longestDescription) return line
  throw ociError('REQUEST_INVALID', { message: `the description is longer than ${longestDescription} characters` })
}

/** Throws REQUEST_INVALID. */
export const visibilityFrom = (given: string | undefined, fallback: Visibility): Visibility => {
  if (given === undefined) return fallback
  if (given === 'public' || given === 'private') return given
  throw ociError('REQUEST_INVALID', { message: 'visibility is public or private' })
}
