import koffi from 'koffi'

/**
 * ISA-L, Intel's library of deflate and inflate in vector instructions, which machines may have (Debian's libisal2, for x64
 * and arm64). Structures are written byte by byte, as everywhere here (igzip_lib.h): the fields that are used, and room for
 * all the rest. See `open.ts` for a library in which they should lie elsewhere.
 */
const soname = 'libisal.so.2'

/** Bytes for a `struct inflate_state` (87368 in 2.30) or `struct isal_zstream` (82384), and some more. */
export const stateSize = 1 << 17

type Callback = (error: Error | null, result: number) => void

export interface IsalCalls {
  readonly initInflate: (state: Buffer) => void
  readonly inflate: (state: Buffer) => number
  readonly initDeflate: (stream: Buffer) => void
  readonly setDictionary: (stream: Buffer, dictionary: Uint8Array, length: number) => number
  /** `async`: on one of libuv's threads. */
  readonly deflate: ((stream: Buffer) => number) & { readonly async: (stream: Buffer, done: Callback) => void }
}

/** Throws when the library isn't there. */
export const loadIsal = (): IsalCalls => {
  const library = koffi.load(soname)
  return {
    initInflate: library.func('void isal_inflate_init(void *state)'),
    inflate: library.func('int isal_inflate(void *state)'),
    initDeflate: library.func('void isal_deflate_init(void *stream)'),
    setDictionary: library.func('int isal_deflate_set_dict(void *stream, const void *dictionary, uint32_t length)'),
    deflate: library.func('int isal_deflate(void *stream)') as unknown as IsalCalls['deflate'],
  }
}

export const addressOf = (bytes: Uint8Array): bigint => BigInt(koffi.address(bytes))
