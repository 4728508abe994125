import { SlipwayError } from '@slipway/core'
import koffi from 'koffi'

/**
 * The machine code of `long (long number, long a, … long f)`: moves its arguments to where the kernel wants them, enters
 * it, and returns what it answers, which is -errno for a failure.
 *
 * The C library has such a function, syscall(3), but puts errno aside in a variable of the thread's. Before JavaScript can
 * ask for it V8 may run: to collect garbage, or to take code that another thread has compiled. Its own calls then leave
 * their errno there: an EAGAIN was seen where lgetxattr(2) had said ENODATA, once in about a million calls.
 */
const machineCode: Readonly<Record<string, readonly number[]>> = {
  x64: [
    [0x48, 0x89, 0xf8], // mov rax, rdi
    [0x48, 0x89, 0xf7], // mov rdi, rsi
    [0x48, 0x89, 0xd6], // mov rsi, rdx
    [0x48, 0x89, 0xca], // mov rdx, rcx
    [0x4d, 0x89, 0xc2], // mov r10, r8
    [0x4d, 0x89, 0xc8], // mov r8, r9
    [0x4c, 0x8b, 0x4c, 0x24, 0x08], // mov r9, [rsp + 8]
    [0x0f, 0x05], // syscall
    [0xc3], // ret
  ].flat(),
  arm64: [
    [0xe8, 0x03, 0x00, 0xaa], // mov x8, x0
    [0xe0, 0x03, 0x01, 0xaa], // mov x0, x1
    [0xe1, 0x03, 0x02, 0xaa], // mov x1, x2
    [0xe2, 0x03, 0x03, 0xaa], // mov x2, x3
    [0xe3, 0x03, 0x04, 0xaa], // mov x3, x4
    [0xe4, 0x03, 0x05, 0xaa], // mov x4, x5
    [0xe5, 0x03, 0x06, 0xaa], // mov x5, x6
    [0x01, 0x00, 0x00, 0xd4], // svc #0
    [0xc0, 0x03, 0x5f, 0xd6], // ret
  ].flat(),
}

const pageLength = 4096
const PROT_READ = 1
const PROT_WRITE = 2
const PROT_EXEC = 4
const MAP_PRIVATE_ANONYMOUS = 0x22

/** Puts the code on a page that can be run and no longer written; one for each thread that loads this. Its address. */
export const mapSyscallStub = (): bigint => {
  const code = machineCode[process.arch]
  if (code === undefined) throw new SlipwayError('unsupported', `no system calls for ${process.arch}`)
  const library = koffi.load(null)
  const mmap: (address: null, length: number, protection: number, flags: number, fd: number, offset: number) => bigint =
    library.func('void *mmap(void *address, size_t length, int protection, int flags, int fd, int64_t offset)')
  const mprotect: (address: bigint, length: number, protection: number) => number = library.func(
    'int mprotect(void *address, size_t length, int protection)',
  )
  const page = mmap(null, pageLength, PROT_READ | PROT_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0)
  if (BigInt.asIntN(64, page) === -1n) throw new SlipwayError('unavailable', 'no memory for system calls')
  new Uint8Array(koffi.view(page, pageLength)).set(code)
  if (mprotect(page, pageLength, PROT_READ | PROT_EXEC) !== 0) {
    throw new SlipwayError('unsupported', 'this system lets no process make code: system calls need it, as V8 does')
  }
  return page
}
