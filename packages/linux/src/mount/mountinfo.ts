import { readFileSync } from 'node:fs'

/** One line of /proc/self/mountinfo (proc_pid_mountinfo(5)). */
export interface MountInfo {
  readonly id: number
  readonly parentId: number
  /** `8:1`. */
  readonly device: string
  /** The directory of the file system that is mounted; `/` unless it is a bind mount. */
  readonly root: string
  readonly target: string
  readonly options: readonly string[]
  /** Tags such as `shared:12` and `master:3`. */
  readonly propagation: readonly string[]
  readonly type: string
  readonly source: string
  readonly superOptions: readonly string[]
}

/** Space, tab, newline and backslash are written in octal: `\040`. The bytes they stand among are UTF-8. */
const decodePath = (text: string): string =>
  text.replace(/\\([0-3][0-7]{2})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)))

/** Text like /proc/self/mountinfo's; lines that are no mounts are left out. */
export const parseMountInfo = (text: string): readonly MountInfo[] =>
  text.split('\n').flatMap((line) => {
    const [mount = '', superblock = ''] = splitOnce(line, ' - ')
    const [id, parentId, device, root, target, options, ...propagation] = mount.split(' ')
    const [type, source, superOptions] = superblock.split(' ')
    if (device === undefined || root === undefined || target === undefined || type === undefined) return []
    return {
      id: Number(id),
      parentId: Number(parentId),
      device,
      root: decodePath(root),
      target: decodePath(target),
      options: options?.split(',') ?? [],
      propagation,
      type,
      source: decodePath(source ?? ''),
      superOptions: superOptions?.split(',').map(decodePath) ?? [],
    }
  })

/** Optional fields have no ` - ` in them, and neither have escaped paths. */
const splitOnce = (line: string, separator: string): readonly string[] => {
  const at = line.indexOf(separator)
  return at < 0 ? [] : [line.slice(0, at), line.slice(at + separator.length)]
}

/** The mounts of this process in the order they were made, those at `prefix` and below if it is given. */
export const readMountInfo = (prefix?: string): readonly MountInfo[] => {
  const all = parseMountInfo(readFileSync('/proc/thread-self/mountinfo', 'utf8'))
  if (prefix === undefined || prefix === '/') return all
  return all.filter(({ target }) => target === prefix || target.startsWith(`${prefix}/`))
}
