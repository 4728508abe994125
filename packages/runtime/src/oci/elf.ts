const fileHeaderLength = 64
const programHeaderLength = 56
const codeOffset = BigInt(fileHeaderLength + programHeaderLength)
const loadAddress = 0x400000n
const pageLength = 4096n

const ET_EXEC = 2
const machines = { x64: 62, arm64: 183 } as const // EM_X86_64, EM_AARCH64
export type ElfMachine = keyof typeof machines
const PT_LOAD = 1
const PF_X_AND_R = 5

/** A file that Linux runs (elf(5)): `code`, begun at its first byte, in one segment that can't be written. */
export const elfProgram = (machine: ElfMachine, code: Buffer): Buffer =>
  Buffer.concat([fileHeader(machine), programHeader(codeOffset + BigInt(code.length)), code])

const fileHeader = (machine: ElfMachine): Buffer => {
  const header = Buffer.alloc(fileHeaderLength)
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]) // 64 bits, little end first, version 1
  header.writeUInt16LE(ET_EXEC, 16)
  header.writeUInt16LE(machines[machine], 18)
  header.writeUInt32LE(1, 20)
  header.writeBigUInt64LE(loadAddress + codeOffset, 24) // e_entry
  header.writeBigUInt64LE(BigInt(fileHeaderLength), 32) // e_phoff
  header.writeUInt16LE(fileHeaderLength, 52)
  header.writeUInt16LE(programHeaderLength, 54)
  header.writeUInt16LE(1, 56) // e_phnum
  return header
}

/** The whole file is the segment. */
const programHeader = (length: bigint): Buffer => {
  const header = Buffer.alloc(programHeaderLength)
  header.writeUInt32LE(PT_LOAD, 0)
  header.writeUInt32LE(PF_X_AND_R, 4)
  header.writeBigUInt64LE(loadAddress, 16)
  header.writeBigUInt64LE(loadAddress, 24)
  header.writeBigUInt64LE(length, 32)
  header.writeBigUInt64LE(length, 40)
  header.writeBigUInt64LE(pageLength, 48)
  return header
}
