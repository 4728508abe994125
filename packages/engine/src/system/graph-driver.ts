import { statfs } from 'node:fs/promises'
import type { Mount, Snapshotter } from '@slipway/core'

const dockerNames: Readonly<Record<string, string>> = { overlay: 'overlay2', copy: 'vfs' }

/** What docker calls a storage driver; tools that look at all look for its names. */
export const graphDriverName = ({ driver }: Snapshotter): string => dockerNames[driver] ?? driver

/** statfs(2), in docker's names. */
const fileSystems: Readonly<Record<number, string>> = {
  61267: 'extfs',
  1481003842: 'xfs',
  2435016766: 'btrfs',
  4076150800: 'f2fs',
  801189825: 'zfs',
  16914836: 'tmpfs',
  2035054128: 'overlayfs',
}

/** What the layers lie on. */
export const backingFileSystem = async (path: string): Promise<string> =>
  fileSystems[(await statfs(path)).type] ?? '<unknown>'

const dataKeys: Readonly<Record<string, string>> = {
  lowerdir: 'LowerDir',
  upperdir: 'UpperDir',
  workdir: 'WorkDir',
}

/** GraphDriver's Data of a container: the directories of its overlay. Null where there is none. */
export const graphDriverData = (
  mounts: readonly Mount[],
  container: { readonly id: string; readonly merged: string },
): Readonly<Record<string, string>> | null => {
  const options = mounts.flatMap(({ type, options }) => (type === 'overlay' ? options : []))
  const data = options.flatMap((option) => {
    const [name = '', ...value] = option.split('=')
    const key = dataKeys[name]
    return key === undefined ? [] : [[key, value.join('=')] as const]
  })
  return data.length === 0 ? null : Object.fromEntries([['ID', container.id], ...data, ['MergedDir', container.merged]])
}
