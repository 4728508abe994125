import { readdir, readFile } from 'node:fs/promises'

export interface SeenProcess {
  readonly pid: number
  readonly command: string
}

/** Processes whose command line has one of these texts in it. */
export const processesNaming = async (texts: readonly string[]): Promise<readonly SeenProcess[]> => {
  const found: SeenProcess[] = []
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue
    const command = (await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ').trim()
    if (texts.some((text) => command.includes(text))) found.push({ pid: Number(name), command })
  }
  return found
}

/** Ends a process at once; one that is gone already is no error. */
export const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {}
}

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
