import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { decompressStream, detectCompression, magicLength } from '@slipway/store'
import type { FilePart } from './tree/node.ts'

const blockSize = 512
const checksumStart = 148
const checksumEnd = 156
const space = 32

/** True when a block is a tar header: its checksum, counted with spaces in its own place, is right. */
export const isTarHeader = (block: Uint8Array): boolean => {
  if (block.length < blockSize) return false
  const written = Buffer.from(block.subarray(checksumStart, checksumEnd))
    .toString('latin1')
    .replace(/[\0 ].*$/s, '')
    .trim()
  if (!/^[0-7]+$/.test(written)) return false
  const sum = block
    .subarray(0, blockSize)
    .reduce((total, byte, at) => total + (at >= checksumStart && at < checksumEnd ? space : byte), 0)
  return sum === Number.parseInt(written, 8)
}

/** The bytes of a file, which isn't empty. */
export const openPart = ({ path, start, size }: FilePart): Readable =>
  createReadStream(path, { start, end: start + size - 1 })

const firstBytes = async ({ path, start, size }: FilePart): Promise<Uint8Array> => {
  await using file = await open(path, 'r')
  const length = Math.min(size, Math.max(blockSize, magicLength))
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), { position: start })
  return buffer.subarray(0, bytesRead)
}

const firstBlock = async (part: FilePart): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = []
  let length = 0
  const file = openPart(part)
  try {
    for await (const chunk of decompressStream(file) as AsyncIterable<Uint8Array>) {
      chunks.push(chunk)
      length += chunk.length
      if (length >= blockSize) break
    }
  } catch {
    // It only began as if it were compressed: then it is a file like any other.
  } finally {
    file.destroy()
  }
  return Buffer.concat(chunks).subarray(0, blockSize)
}

/** True for a tar, also one that is compressed with gzip, bzip2, xz or zstd. */
export const isArchive = async (part: FilePart): Promise<boolean> => {
  if (part.size === 0) return false
  const first = await firstBytes(part)
  if (detectCompression(first) === 'none') return isTarHeader(first)
  return isTarHeader(await firstBlock(part))
}
