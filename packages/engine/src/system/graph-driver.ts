import type { Mount, Snapshotter } from '@slipway/core'

const dockerNames: Readonly<Record<string, string>> = { overlay: 'overlay2', copy: 'vfs' }

/** What docker calls a storage driver; tools that look at all look for its names. */
export const graphDriverName = ({ driver }: Snapshotter): string => dockerNames[driver] ?? driver

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
