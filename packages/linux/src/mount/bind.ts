import { closeSync } from 'node:fs'
import { AT_EMPTY_PATH, AT_FDCWD, AT_RECURSIVE, cString, kernel, type PathLike } from '../kernel/calls.ts'
import { check } from '../kernel/error.ts'
import { atimeAttributes, type MountFlag, mountAttributes, mountPropagation } from './options.ts'

const OPEN_TREE_CLONE = 1
const OPEN_TREE_CLOEXEC = 0o2000000
const MOVE_MOUNT_F_EMPTY_PATH = 4

/**
 * Shows `source`, a file or a directory, at `target` too. The restrictions among the flags hold from the first moment,
 * and those that the source's mount has stay: a bind followed by a remount has a gap, and drops them. With `rec` the
 * mounts below come along, restrictions included. Needs Linux 5.12.
 */
export const bindMount = (source: PathLike, target: PathLike, flags: readonly MountFlag[] = []): void => {
  const recursive = flags.includes('rec') ? AT_RECURSIVE : 0
  const tree = check(
    kernel.openTree(AT_FDCWD, cString(source), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | recursive),
    'open_tree',
    source,
  )
  try {
    change(tree, flags, recursive, source)
    check(kernel.moveMount(tree, '', AT_FDCWD, cString(target), MOVE_MOUNT_F_EMPTY_PATH), 'move_mount', target)
  } finally {
    closeSync(tree)
  }
}

const change = (tree: number, flags: readonly MountFlag[], recursive: number, source: PathLike): void => {
  const attributes = mountAttributes(flags)
  const propagation = mountPropagation(flags)
  if (attributes === 0 && propagation === 0) return
  // struct mount_attr: attr_set, attr_clr, propagation, userns_fd.
  const wanted = Buffer.alloc(32)
  wanted.writeUInt32LE(attributes, 0)
  wanted.writeUInt32LE((attributes & atimeAttributes) === 0 ? 0 : atimeAttributes, 8)
  wanted.writeUInt32LE(propagation, 16)
  check(kernel.mountSetattr(tree, '', AT_EMPTY_PATH | recursive, wanted, wanted.length), 'mount_setattr', source)
}
