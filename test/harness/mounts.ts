import { readFile } from 'node:fs/promises'
import { run } from './run.ts'

/** Mount points at or below a path, the last made first (proc(5), mountinfo). */
export const mountsBelow = async (path: string): Promise<readonly string[]> =>
  (await readFile('/proc/self/mountinfo', 'utf8'))
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((point) => point === path || point.startsWith(`${path}/`))
    .toReversed()

export const unmountAllBelow = async (path: string): Promise<void> => {
  for (const point of await mountsBelow(path)) await run('umount', ['-l', point])
}
