import { cpus, release, totalmem } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'

/** With more than this used by others, figures are those of a busy machine. */
export const quietUse = 0.1

const ticks = (): { readonly idle: number; readonly all: number } => {
  const times = cpus().map((cpu) => cpu.times)
  const idle = times.reduce((sum, time) => sum + time.idle, 0)
  return { idle, all: times.reduce((sum, { user, nice, sys, irq }) => sum + user + nice + sys + irq, idle) }
}

/**
 * The part of all processors' time that is used now, 0 to 1. Asked while nothing of ours runs, it is what others use; a load
 * average would still have our last benchmark in it.
 */
export const cpuUse = async (milliseconds = 1500): Promise<number> => {
  const before = ticks()
  await delay(milliseconds)
  const after = ticks()
  return 1 - (after.idle - before.idle) / Math.max(1, after.all - before.all)
}

/** `Linux 6.18.5, 2 × Intel Xeon, 8 GiB` */
export const describeMachine = (): string => {
  const models = cpus().map(({ model }) => model.trim())
  return `Linux ${release()}, ${models.length} × ${models[0] ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB`
}
