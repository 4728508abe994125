import { closeSync, constants, openSync, readSync } from 'node:fs'
import { hasErrno } from '@slipway/core'

const kernelLog = '/dev/kmsg'
/** The longest record there is (`CONSOLE_EXT_LOG_MAX`). */
const longestRecord = 8192

/** What the kernel has logged and not yet overwritten, one record at a time; nothing where it isn't to be read. */
function* readKernelLog(): Generator<string, void, void> {
  let log: number
  try {
    log = openSync(kernelLog, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch {
    return
  }
  try {
    const record = Buffer.alloc(longestRecord)
    for (;;) {
      try {
        yield record.toString('latin1', 0, readSync(log, record))
      } catch (error) {
        // The oldest were overwritten meanwhile: it goes on with what is left.
        if (hasErrno(error, 'EPIPE')) continue
        return
      }
    }
  } finally {
    closeSync(log)
  }
}

/** `oom-kill:constraint=…,oom_memcg=/a,task_memcg=/a/ID,task=…` (`dump_oom_victim`). */
const victimOf = (record: string): string | undefined => /oom-kill:.*?\btask_memcg=([^,\n]*)/.exec(record)?.[1]

/**
 * Whether the kernel has killed a process of the cgroup that has `id` in its name for want of memory, as it tells in its log: for
 * one that is gone already, with its counters. Takes a few milliseconds.
 */
export const wasKilledForMemory = (id: string, records: Iterable<string> = readKernelLog()): boolean => {
  for (const record of records) if (victimOf(record)?.includes(id)) return true
  return false
}
