import type { SlipwayError } from '@slipway/core'
import { ociError } from '../distribution/oci-error.ts'

/** For the second of two who edit one edition: nothing is written over, and they keep what they wrote. */
export const editedMeanwhile = (): SlipwayError =>
  ociError('REQUEST_INVALID', { status: 409, message: 'somebody else has edited this page meanwhile' })
