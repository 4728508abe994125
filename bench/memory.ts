import { readFile, writeFile } from 'node:fs/promises'

const fieldOf = async (pid: number, field: string): Promise<number> => {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) / 1024
}

/** MiB that a process held at most since it began, or since `forgetPeak()`. */
export const peakMemory = (pid: number): Promise<number> => fieldOf(pid, 'VmHWM')

/** The peak is counted anew (proc_pid_clear_refs(5)). */
export const forgetPeak = (pid: number): Promise<void> => writeFile(`/proc/${pid}/clear_refs`, '5')

/** A field of a process's memory, in MiB: `VmRSS` of status, `Pss` of smaps_rollup. 0 when the process is gone. */
export const memoryOf = async (pid: number, file: 'status' | 'smaps_rollup', field: string): Promise<number> => {
  const text = await readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) / 1024
}
