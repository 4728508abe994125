import type { OciSpec } from './oci.ts'

declare global {
  interface JSON {
    rawJSON(text: string): object
  }
}

/** RLIM_INFINITY is 2^64-1, which no number can hold: 2^64 stands for it, here and after parsing. */
export const unlimited = 2 ** 64

/** JSON that Go reads: RLIM_INFINITY written to the last digit. Anything of an OciSpec goes through this. */
export const formatOci = (value: unknown): string =>
  JSON.stringify(value, (_, field: unknown) => (field === unlimited ? JSON.rawJSON('18446744073709551615') : field))

/** The text of `config.json`. */
export const formatSpec = (spec: OciSpec): string => formatOci(spec)
