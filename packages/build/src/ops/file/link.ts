import { chmodSync, lchownSync, linkSync, lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { getXattr, listXattrs, setTimes, setXattr } from '@slipway/linux'
import { statOf } from './tree/disk.ts'

/** Makes the tree below `from` below `to` as well: directories anew, all else as another name of the same file. */
export const linkTree = (from: string, to: string, onEntry: () => void): void => {
  for (const name of readdirSync(from)) {
    onEntry()
    const [source, target] = [`${from}/${name}`, `${to}/${name}`]
    const stat = lstatSync(source, { bigint: true })
    const existing = statOf(target)
    const isDirectory = stat.isDirectory()
    if (existing !== undefined && !(isDirectory && existing.isDirectory())) rmSync(target, { recursive: true })
    if (!isDirectory) {
      linkSync(source, target)
      continue
    }
    if (existing?.isDirectory() !== true) mkdirSync(target, { mode: 0o700 })
    linkTree(source, target, onEntry)
    lchownSync(target, Number(stat.uid), Number(stat.gid))
    chmodSync(target, Number(stat.mode) & 0o7777)
    for (const attribute of listXattrs(source))
      setXattr(target, attribute, getXattr(source, attribute) ?? Buffer.alloc(0))
    setTimes(target, { atimeNs: stat.mtimeNs, mtimeNs: stat.mtimeNs })
  }
}
