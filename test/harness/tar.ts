/** One entry of a tar, as hostile as one wants it. */
export interface TarPart {
  readonly name: string | Uint8Array
  readonly body?: string | Uint8Array
  /** Makes it a symbolic link. */
  readonly linkTo?: string
  /** Makes it a hard link. */
  readonly hardLinkTo?: string
  /** Any type there is, by its letter (`3` and `4`: devices, `6`: a FIFO), instead of the one that follows from the rest. */
  readonly type?: string
  readonly mode?: number
  /** What the header says of the body's length, when that is a lie. */
  readonly claimedSize?: number
  /** Major and minor number of a device. */
  readonly device?: readonly [number, number]
}

const blockSize = 512

const isDirectory = ({ name }: TarPart): boolean => Buffer.from(name).toString('latin1').endsWith('/')

const typeOf = (part: TarPart): string => {
  if (part.type !== undefined) return part.type
  if (part.linkTo !== undefined) return '2'
  if (part.hardLinkTo !== undefined) return '1'
  return isDirectory(part) ? '5' : '0'
}

/** Octal digits, or beyond what they hold the base 256 of GNU tar. */
const writeNumber = (header: Buffer, value: number, at: number, length: number): void => {
  const digits = value.toString(8)
  if (digits.length < length) return void header.write(`${digits.padStart(length - 1, '0')}\0`, at)
  header.writeBigUInt64BE(BigInt(value), at + length - 8)
  header[at] = 0x80
}

const headerOf = (part: TarPart, size: number): Buffer => {
  const header = Buffer.alloc(blockSize)
  header.set(Buffer.from(part.name), 0)
  writeNumber(header, part.mode ?? (isDirectory(part) ? 0o755 : 0o644), 100, 8)
  writeNumber(header, 0, 108, 8)
  writeNumber(header, 0, 116, 8)
  writeNumber(header, part.claimedSize ?? size, 124, 12)
  writeNumber(header, 0, 136, 12)
  header.write(' '.repeat(8), 148)
  header.write(typeOf(part), 156)
  header.write(part.linkTo ?? part.hardLinkTo ?? '', 157)
  header.write('ustar\x0000', 257)
  if (part.device !== undefined)
    for (const [place, value] of part.device.entries()) writeNumber(header, value, 329 + 8 * place, 8)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return header
}

/** A tar (ustar), with names, links and lengths exactly as they are given. */
export const makeTar = (parts: readonly TarPart[]): Buffer => {
  const blocks = parts.flatMap((part) => {
    const body = Buffer.from(part.body ?? '')
    const padding = Buffer.alloc((blockSize - (body.length % blockSize)) % blockSize)
    return [headerOf(part, body.length), body, padding]
  })
  return Buffer.concat([...blocks, Buffer.alloc(2 * blockSize)])
}
