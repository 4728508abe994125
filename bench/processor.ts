import { readFile } from 'node:fs/promises'

/** USER_HZ, in which the kernel counts for everyone who reads it (proc_pid_stat(5)). */
const perSecond = 100

/** Milliseconds of processors' time that a process and its threads have used, to 10 ms. */
export const processorTime = async (pid: number): Promise<number> => {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8')
  // The name, in parentheses, may hold anything.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return ((Number(fields[11]) + Number(fields[12])) / perSecond) * 1000
}
