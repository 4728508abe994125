import { kernel } from '../kernel/calls.ts'
import { check, failedWith } from '../kernel/error.ts'

const F_DUPFD_CLOEXEC = 1030
const POSIX_FADV_SEQUENTIAL = 2

/**
 * Another descriptor of the same open file, closed on exec; whoever asked for it closes it. What is done with it on a pool
 * thread can't meet a stranger's file, as it could with a number that others close meanwhile.
 */
export const duplicate = (fd: number): number => check(kernel.fcntl(fd, F_DUPFD_CLOEXEC, 0), 'fcntl')

/** Lets the kernel read further ahead. What it doesn't want to know does no harm. */
export const expectSequentialReads = (fd: number): void => void kernel.fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL)

/**
 * sendfile(2), on a pool thread, for it waits for the disk where the page cache has nothing: bytes go from a file to a
 * socket that doesn't block, and never through this process. Returns how many the socket took, 0 at the file's end;
 * undefined when it is full. Fails as a write does (EPIPE, ECONNRESET) when the other side has gone.
 */
export const sendFile = async (
  socket: number,
  file: number,
  { start, length }: { readonly start: number; readonly length: number },
): Promise<number | undefined> => {
  const offset = Buffer.alloc(8)
  offset.writeBigInt64LE(BigInt(start))
  const sent = await kernel.sendfile.aside(socket, file, offset, length)
  if (failedWith(sent, 'EAGAIN')) return undefined
  return failedWith(sent, 'EINTR') ? sendFile(socket, file, { start, length }) : check(sent, 'sendfile')
}
