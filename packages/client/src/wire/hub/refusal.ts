import { Type } from '@sinclair/typebox'
import type { Of } from './schema.ts'

/** Every answer of 400 and above, in the words of the OCI distribution specification ("Error Codes"). */
export const Refusal = Type.Object({
  errors: Type.Array(
    Type.Object({ code: Type.String(), message: Type.String(), detail: Type.Optional(Type.Unknown()) }),
    { minItems: 1 },
  ),
})
export type Refusal = Of<typeof Refusal>
