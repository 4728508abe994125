import { kernel } from '../kernel/calls.ts'
import { check } from '../kernel/error.ts'

const LOCK_EX = 2
const LOCK_NB = 4

/** flock(2), exclusive: held until the descriptor is closed, however the process ends. Throws EAGAIN when another has it. */
export const lockFile = (fd: number): void => {
  check(kernel.flock(fd, LOCK_EX | LOCK_NB), 'flock')
}
