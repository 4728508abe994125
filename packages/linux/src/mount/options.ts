/** mount(2) flags by the names that mount(8) and mount options give them (linux/mount.h). */
const flagNumbers = {
  ro: 1,
  nosuid: 2,
  nodev: 4,
  noexec: 8,
  sync: 16,
  remount: 32,
  mand: 64,
  dirsync: 128,
  nosymfollow: 256,
  noatime: 1024,
  nodiratime: 2048,
  bind: 4096,
  move: 8192,
  rec: 16384,
  silent: 32768,
  unbindable: 1 << 17,
  private: 1 << 18,
  slave: 1 << 19,
  shared: 1 << 20,
  relatime: 1 << 21,
  strictatime: 1 << 24,
  lazytime: 1 << 25,
} as const

export type MountFlag = keyof typeof flagNumbers

const isMountFlag = (name: string): name is MountFlag => Object.hasOwn(flagNumbers, name)

export const flagsToNumber = (flags: readonly MountFlag[]): number =>
  flags.reduce((sum, flag) => sum | flagNumbers[flag], 0)

/** What mount options say that is no flag: the opposite of one, the default, or two flags in one word. */
const flagWords: Readonly<Record<string, readonly MountFlag[]>> = {
  defaults: [],
  rw: [],
  suid: [],
  dev: [],
  exec: [],
  async: [],
  atime: [],
  diratime: [],
  rbind: ['bind', 'rec'],
  rprivate: ['private', 'rec'],
  rslave: ['slave', 'rec'],
  rshared: ['shared', 'rec'],
}

export interface MountOptions {
  readonly flags: readonly MountFlag[]
  /** What is left for the file system itself, as written: `lowerdir=/a:/b`, `size=64m`. */
  readonly data: readonly string[]
}

/** Sorts a list of mount options into flags and the file system's own. */
export const parseMountOptions = (options: readonly string[]): MountOptions => {
  const flags: MountFlag[] = []
  const data: string[] = []
  for (const option of options) {
    const words = Object.hasOwn(flagWords, option) ? flagWords[option] : undefined
    if (words !== undefined) flags.push(...words)
    else if (isMountFlag(option)) flags.push(option)
    else data.push(option)
  }
  return { flags, data }
}

/** MOUNT_ATTR_* (linux/mount.h): what belongs to one mount, whatever the file system itself allows. */
const attributeNumbers: Readonly<Partial<Record<MountFlag, number>>> = {
  ro: 0x1,
  nosuid: 0x2,
  nodev: 0x4,
  noexec: 0x8,
  noatime: 0x10,
  strictatime: 0x20,
  nodiratime: 0x80,
  nosymfollow: 0x200000,
}

/** Access times are a choice of one in three (relatime is 0), so that all of its bits are cleared to set one. */
export const atimeAttributes = 0x70

/** The attributes among flags, as the newer mount calls want them. */
export const mountAttributes = (flags: readonly MountFlag[]): number =>
  flags.reduce((sum, flag) => sum | (attributeNumbers[flag] ?? 0), 0)

const propagations: readonly MountFlag[] = ['unbindable', 'private', 'slave', 'shared']

/** The propagation among flags, as mount_setattr(2) wants it; 0 leaves it as it is. */
export const mountPropagation = (flags: readonly MountFlag[]): number =>
  flagsToNumber(flags.filter((flag) => propagations.includes(flag)))
