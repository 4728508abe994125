/** One entry of a tar, as hostile as one wants it. */
export interface TarPart {
  readonly name: string
  readonly body?: string | Uint8Array
  /** Makes it a symbolic link. */
  readonly linkTo?: string
  /** Makes it a hard link. */
  readonly hardLinkTo?: string
}

const blockSize = 512

const typeOf = ({ name, linkTo, hardLinkTo }: TarPart): string => {
  if (linkTo !== undefined) return '2'
  if (hardLinkTo !== undefined) return '1'
  return name.endsWith('/') ? '5' : '0'
}

const headerOf = (part: TarPart, size: number): Buffer => {
  const header = Buffer.alloc(blockSize)
  const octal = (value: number, length: number): string => `${value.toString(8).padStart(length - 1, '0')}\0`
  header.write(part.name, 0)
  header.write(octal(part.name.endsWith('/') ? 0o755 : 0o644, 8), 100)
  header.write(octal(0, 8), 108)
  header.write(octal(0, 8), 116)
  header.write(octal(size, 12), 124)
  header.write(octal(0, 12), 136)
  header.write(' '.repeat(8), 148)
  header.write(typeOf(part), 156)
  header.write(part.linkTo ?? part.hardLinkTo ?? '', 157)
  header.write('ustar\x0000', 257)
  header.write(
    `${octal(
      header.reduce((sum, byte) => sum + byte, 0),
      7,
    )} `,
    148,
  )
  return header
}

/** A tar (ustar), with names and links exactly as they are given. */
export const makeTar = (parts: readonly TarPart[]): Buffer => {
  const blocks = parts.flatMap((part) => {
    const body = Buffer.from(part.body ?? '')
    const padding = Buffer.alloc((blockSize - (body.length % blockSize)) % blockSize)
    return [headerOf(part, body.length), body, padding]
  })
  return Buffer.concat([...blocks, Buffer.alloc(2 * blockSize)])
}
