import { closeSync, constants, openSync } from 'node:fs'
import { kernel } from '../kernel/calls.ts'
import { check, failedWith } from '../kernel/error.ts'

/** linux/loop.h. */
const LOOP_CTL_GET_FREE = 0x4c82
const LOOP_CONFIGURE = 0x4c0a
const LO_FLAGS_READ_ONLY = 1
const LO_FLAGS_AUTOCLEAR = 4
/** struct loop_config: fd, block_size, a struct loop_info64 of 232 bytes, and 64 reserved ones. */
const configLength = 304
const flagsOffset = 8 + 52
/** Others look for a free one at the same time. */
const attempts = 64

export interface LoopDevice extends Disposable {
  readonly path: string
}

/**
 * A read-only block device that shows a file. It is free again when nothing has it mounted or open any more; disposing gives
 * up our own hold. Needs Linux 5.8.
 */
export const openLoop = (file: string): LoopDevice => {
  using open = new DisposableStack()
  const keep = (fd: number): number => open.adopt(fd, closeSync)
  const control = keep(openSync('/dev/loop-control', constants.O_RDWR))
  const config = Buffer.alloc(configLength)
  config.writeUInt32LE(keep(openSync(file, 'r')), 0)
  config.writeUInt32LE(LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR, flagsOffset)
  for (let attempt = 1; ; attempt++) {
    const path = `/dev/loop${check(kernel.ioctl(control, LOOP_CTL_GET_FREE, null), 'ioctl', '/dev/loop-control')}`
    const device = openSync(path, 'r')
    const result = kernel.ioctl(device, LOOP_CONFIGURE, config)
    if (result >= 0) return { path, [Symbol.dispose]: () => closeSync(device) }
    closeSync(device)
    if (attempt === attempts || !failedWith(result, 'EBUSY')) check(result, 'ioctl', path)
  }
}
