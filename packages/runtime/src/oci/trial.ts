import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { locateCgroup } from '../cgroup/locate.ts'
import { removeCgroup } from '../cgroup/remove.ts'
import { buildSpec, cgroupsPath } from '../spec/build.ts'
import { formatSpec } from '../spec/format.ts'
import { readHostFacts } from '../spec/host.ts'
import { type ElfMachine, elfProgram } from './elf.ts'

const run = promisify(execFile)
const patience = 15_000

/** `exit(0)`, the smallest program there is. */
const exitCode: Readonly<Record<string, { readonly machine: ElfMachine; readonly code: readonly number[] }>> = {
  x64: {
    machine: 'x64',
    code: [
      [0x31, 0xff], // xor edi, edi
      [0xb8, 0x3c, 0x00, 0x00, 0x00], // mov eax, SYS_exit
      [0x0f, 0x05], // syscall
    ].flat(),
  },
  arm64: {
    machine: 'arm64',
    code: [
      [0x00, 0x00, 0x80, 0xd2], // mov x0, #0
      [0xa8, 0x0b, 0x80, 0xd2], // mov x8, #SYS_exit
      [0x01, 0x00, 0x00, 0xd4], // svc #0
    ].flat(),
  },
}

/** Whether an OCI runtime can run a container on this machine, with all that ours have: by running one. */
export const runsContainers = async (command: string): Promise<boolean> => {
  const program = exitCode[process.arch]
  if (program === undefined) return false
  const directory = await mkdtemp(join(tmpdir(), 'slipway-trial-'))
  const id = `slipway-trial-${randomBytes(6).toString('hex')}`
  try {
    const rootfs = join(directory, 'rootfs')
    await mkdir(rootfs)
    await writeFile(join(rootfs, 'exit'), elfProgram(program.machine, Buffer.from(program.code)), { mode: 0o755 })
    const spec = buildSpec({
      id,
      rootfs: { path: rootfs, readonly: false },
      args: ['/exit'],
      env: [],
      user: { uid: 0, gid: 0 },
      terminal: false,
      host: readHostFacts(),
    })
    await writeFile(join(directory, 'config.json'), formatSpec(spec))
    const args = ['--root', join(directory, 'state'), 'run', '--bundle', directory, id]
    await run(command, args, { timeout: patience, killSignal: 'SIGKILL' })
    return true
  } catch {
    return false
  } finally {
    // One that fails may leave it.
    await removeCgroup(locateCgroup(cgroupsPath({ id }))).catch(() => undefined)
    await rm(directory, { recursive: true, force: true })
  }
}
