import { randomBytes } from 'node:crypto'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { SlipwayError } from '@slipway/core'
import { elfProgram } from './elf.ts'

const texts = { cgroup: '/sys/fs/cgroup', unified: '/sys/fs/cgroup/unified', tmpfs: 'tmpfs' } as const

/** A byte; a text's address, relative to the next instruction (4 bytes); the way to the second half (1 byte). */
type Piece = number | keyof typeof texts | 'program' | 'execute'

interface Halves {
  readonly prepare: readonly Piece[]
  readonly execute: readonly Piece[]
}

/**
 * In C: `if (unshare(CLONE_NEWNS) == 0 && mount(0, cgroup, 0, MS_REC | MS_PRIVATE, 0) == 0) mount(tmpfs, unified, tmpfs, 0, 0)`,
 * and then `execve(program, argv, envp); exit(127)`. What goes wrong before that is for the program to complain of.
 */
const machineCode: Readonly<Record<string, Halves>> = {
  x64: {
    prepare: [
      [0xbf, 0x00, 0x00, 0x02, 0x00], // mov edi, CLONE_NEWNS
      [0xb8, 0x10, 0x01, 0x00, 0x00], // mov eax, SYS_unshare
      [0x0f, 0x05], // syscall
      [0x85, 0xc0], // test eax, eax
      [0x75, 'execute' as const], // jnz execute
      [0x31, 0xff], // xor edi, edi
      [0x48, 0x8d, 0x35, 'cgroup' as const], // lea rsi, [rip + cgroup]
      [0x31, 0xd2], // xor edx, edx
      [0x41, 0xba, 0x00, 0x40, 0x04, 0x00], // mov r10d, MS_REC | MS_PRIVATE
      [0x45, 0x31, 0xc0], // xor r8d, r8d
      [0xb8, 0xa5, 0x00, 0x00, 0x00], // mov eax, SYS_mount
      [0x0f, 0x05], // syscall
      [0x85, 0xc0], // test eax, eax
      [0x75, 'execute' as const], // jnz execute
      [0x48, 0x8d, 0x3d, 'tmpfs' as const], // lea rdi, [rip + tmpfs]
      [0x48, 0x8d, 0x35, 'unified' as const], // lea rsi, [rip + unified]
      [0x48, 0x89, 0xfa], // mov rdx, rdi
      [0x45, 0x31, 0xd2], // xor r10d, r10d
      [0xb8, 0xa5, 0x00, 0x00, 0x00], // mov eax, SYS_mount
      [0x0f, 0x05], // syscall
    ].flat(),
    execute: [
      [0x48, 0x8d, 0x3d, 'program' as const], // lea rdi, [rip + program]
      [0x48, 0x8d, 0x74, 0x24, 0x08], // lea rsi, [rsp + 8]
      [0x48, 0x8b, 0x04, 0x24], // mov rax, [rsp]
      [0x48, 0x8d, 0x54, 0xc4, 0x10], // lea rdx, [rsp + rax * 8 + 16]
      [0xb8, 0x3b, 0x00, 0x00, 0x00], // mov eax, SYS_execve
      [0x0f, 0x05], // syscall
      [0xbf, 0x7f, 0x00, 0x00, 0x00], // mov edi, 127
      [0xb8, 0x3c, 0x00, 0x00, 0x00], // mov eax, SYS_exit
      [0x0f, 0x05], // syscall
    ].flat(),
  },
}

const lengthOf = (pieces: readonly Piece[]): number =>
  pieces.reduce((sum: number, piece) => sum + (typeof piece === 'number' || piece === 'execute' ? 1 : 4), 0)

/** The code for `program`, with the texts behind it. */
const link = ({ prepare, execute }: Halves, program: string): Buffer => {
  const toExecute = lengthOf(prepare)
  let end = toExecute + lengthOf(execute)
  const places = new Map<Piece, number>()
  const all = { ...texts, program }
  for (const [name, text] of Object.entries(all)) {
    places.set(name as Piece, end)
    end += Buffer.byteLength(text) + 1
  }
  const code = Buffer.alloc(end)
  let at = 0
  for (const piece of [...prepare, ...execute]) {
    if (typeof piece === 'number') at = code.writeUInt8(piece, at)
    else if (piece === 'execute') at = code.writeInt8(toExecute - (at + 1), at)
    else at = code.writeInt32LE((places.get(piece) ?? 0) - (at + 4), at)
  }
  for (const text of Object.values(all)) at += code.write(text, at) + 1
  return code
}

export const hasLauncher = (architecture: string = process.arch): boolean => machineCode[architecture] !== undefined

/**
 * Writes a program, of 400 bytes, that starts another one in a mount namespace of its own, in which /sys/fs/cgroup/unified is
 * an empty directory. crun refuses hybrid cgroups as soon as it sees a v2 tree beside the v1 controllers, though it needs
 * nothing of it.
 *
 * This happens each time the runtime is started, and so in a copy of the daemon's mounts as they are then: a namespace that
 * lived longer would miss later ones, and keep busy what is unmounted. A shell script took 15 ms, with three starts of the
 * runtime in a container's life; this takes less than one.
 */
export const writeLauncher = async (path: string, program: string): Promise<void> => {
  const code = machineCode[process.arch]
  if (code === undefined) throw new SlipwayError('unsupported', `no launcher for ${process.arch}`)
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const draft = `${path}.${randomBytes(4).toString('hex')}`
  await writeFile(draft, elfProgram('x64', link(code, program)), { mode: 0o700 })
  await rename(draft, path)
}
