import { beginSync } from '@slipway/linux'

/** Bytes: a disk of some hundred MB/s has enough to do with these, and a call for them costs nothing. */
const step = 8 << 20

/**
 * For a file that grows and is fsynced at its end: the disk writes what is there while the rest comes, so that little is
 * left to wait for. The kernel by itself begins after some seconds only. Told how long the file is by now.
 */
export const earlySync = (fd: number): ((length: number) => void) => {
  let begun = 0
  return (length) => {
    if (length - begun < step) return
    beginSync(fd, begun, length - begun)
    begun = length
  }
}
