import { cpus, loadavg, release, totalmem } from 'node:os'

/** With more than this before it begins, figures are those of a busy machine. */
export const quietLoad = 1

export const load = (): number => loadavg()[0] ?? 0

/** `Linux 6.18.5, 2 × Intel Xeon, 8 GiB` */
export const describeMachine = (): string => {
  const models = cpus().map(({ model }) => model.trim())
  return `Linux ${release()}, ${models.length} × ${models[0] ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB`
}
