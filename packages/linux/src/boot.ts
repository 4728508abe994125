import { readFileSync } from 'node:fs'

/** A UUID that is new at each boot: what was mounted or running under another one is gone. */
export const bootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
