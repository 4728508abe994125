import { spawnSync } from 'node:child_process'
import type { Console } from './console.ts'

/**
 * Makes our terminal hand on every key and leave the output alone; gives back what undoes it. Node's raw mode still
 * turns LF into CR LF on the way out, which breaks programs that use LF to go straight down: stty (2 ms) ends that.
 * What setRawMode(false) restores is the whole state that it found.
 */
export const makeRaw = ({ stdin }: Console): (() => void) => {
  if (stdin.isTTY !== true || stdin.setRawMode === undefined) return () => undefined
  stdin.setRawMode(true)
  if (stdin.fd !== undefined) spawnSync('stty', ['-opost'], { stdio: [stdin.fd, 'ignore', 'ignore'] })
  return () => stdin.setRawMode?.(false)
}
