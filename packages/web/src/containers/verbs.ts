import type { ContainerSummary } from '@slipway/client'
import { askEngine } from '../engine/calls.ts'

export type Verb = 'start' | 'stop' | 'restart' | 'pause' | 'unpause' | 'kill'

/** What can be done with a container in each state. */
export const verbsOf: Readonly<Record<ContainerSummary['State'], readonly Verb[]>> = {
  created: ['start'],
  running: ['stop', 'restart', 'pause', 'kill'],
  paused: ['unpause', 'kill'],
  restarting: ['stop', 'kill'],
  exited: ['start'],
  removing: [],
  dead: [],
}

export const doVerb = (id: string, verb: Verb): Promise<unknown> =>
  askEngine(`/containers/${id}/${verb}`, { method: 'POST' })

/** With its anonymous volumes, also while it runs. */
export const removeContainer = (id: string): Promise<unknown> =>
  askEngine(`/containers/${id}`, { method: 'DELETE', query: { force: true, v: true } })
