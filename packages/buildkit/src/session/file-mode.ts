/** Go's os.FileMode bits, as fsutil sends them. */
const goBits = {
  directory: 1 << 31,
  symlink: 1 << 27,
  device: 1 << 26,
  pipe: 1 << 25,
  socket: 1 << 24,
  setuid: 1 << 23,
  setgid: 1 << 22,
  charDevice: 1 << 21,
  sticky: 1 << 20,
} as const

export type FileType = 'file' | 'directory' | 'symlink' | 'char' | 'block' | 'fifo' | 'socket'

const isSet = (mode: number, bit: number): boolean => (mode & bit) !== 0

export const typeOfGoMode = (mode: number): FileType => {
  if (isSet(mode, goBits.directory)) return 'directory'
  if (isSet(mode, goBits.symlink)) return 'symlink'
  if (isSet(mode, goBits.device)) return isSet(mode, goBits.charDevice) ? 'char' : 'block'
  if (isSet(mode, goBits.pipe)) return 'fifo'
  return isSet(mode, goBits.socket) ? 'socket' : 'file'
}

const special = [
  [goBits.setuid, 0o4000],
  [goBits.setgid, 0o2000],
  [goBits.sticky, 0o1000],
] as const

/** Permission bits, 0 to 0o7777. */
export const permissionsOfGoMode = (mode: number): number =>
  special.reduce((bits, [go, unix]) => bits | (isSet(mode, go) ? unix : 0), mode & 0o777)

const goTypes: Readonly<Record<FileType, number>> = {
  file: 0,
  directory: goBits.directory,
  symlink: goBits.symlink,
  char: goBits.device | goBits.charDevice,
  block: goBits.device,
  fifo: goBits.pipe,
  socket: goBits.socket,
}

export const goModeOf = (type: FileType, permissions: number): number =>
  special.reduce(
    (mode, [go, unix]) => mode | ((permissions & unix) === 0 ? 0 : go),
    goTypes[type] | (permissions & 0o777),
  ) >>> 0
