import { Enclosure } from '../peers/enclosure.ts'
import { hasPeers } from '../peers/root.ts'
import { openDockerd } from './dockerd.ts'
import type { EngineName, Installation } from './engine.ts'
import { openPodman } from './podman.ts'
import { openSlipway } from './slipway.ts'
import { Subject } from './subject.ts'

/** The engines there are to compare, ours first; those of `only` if any are named. */
export interface Engines extends AsyncDisposable {
  readonly subjects: readonly Subject[]
  /** Runs a command inside the peers' root; undefined without peers. */
  readonly inside: Enclosure | undefined
}

export const openEngines = async (only: readonly EngineName[]): Promise<Engines> => {
  await using undo = new AsyncDisposableStack()
  const wanted = (name: EngineName): boolean => only.length === 0 || only.includes(name)
  const inside = (await hasPeers()) ? undo.use(await Enclosure.open()) : undefined
  const openers: Readonly<Record<EngineName, (() => Promise<Installation>) | undefined>> = {
    slipway: openSlipway,
    dockerd: inside && (() => openDockerd(inside)),
    podman: inside && (() => openPodman(inside)),
  }
  const subjects: Subject[] = []
  for (const [name, open] of Object.entries(openers) as [EngineName, (typeof openers)[EngineName]][]) {
    if (open !== undefined && wanted(name)) subjects.push(undo.use(await Subject.open(await open())))
  }
  const parts = undo.move()
  return { subjects, inside, [Symbol.asyncDispose]: () => parts.disposeAsync() }
}
