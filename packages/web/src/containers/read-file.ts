import { askEngine } from '../engine/calls.ts'

const block = 512

/** The size in a tar's header (POSIX ustar): octal digits, or with the first bit set the number itself. */
const sizeIn = (header: Uint8Array): number => {
  const field = header.subarray(124, 136)
  if (((field[0] ?? 0) & 0x80) === 0) return Number.parseInt(new TextDecoder().decode(field), 8)
  return field.subarray(1).reduce((size, byte) => size * 256 + byte, 0)
}

/** Headers before the file's own that only say more of it: long names, times. */
const isExtension = (header: Uint8Array): boolean =>
  ['x', 'g', 'L', 'K'].includes(String.fromCharCode(header[156] ?? 0))

/** The first file of a tar. */
const firstFile = (tar: Uint8Array): Uint8Array => {
  let at = 0
  for (;;) {
    const header = tar.subarray(at, at + block)
    if (header.length < block) throw new Error('the engine sent no file')
    const size = sizeIn(header)
    if (!isExtension(header)) return tar.subarray(at + block, at + block + size)
    at += block + Math.ceil(size / block) * block
  }
}

/** A file of a container; the engine sends it as a tar of one. */
export const readFile = async (id: string, path: string): Promise<Uint8Array<ArrayBuffer>> => {
  const response = await askEngine(`/containers/${encodeURIComponent(id)}/archive`, { query: { path } })
  return new Uint8Array(firstFile(new Uint8Array(await response.arrayBuffer())))
}
