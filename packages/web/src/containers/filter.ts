import type { ContainerSummary } from '@slipway/client'
import { plainName } from '../format/short-id.ts'

interface Filter {
  /** Found in name, image or state, whatever its case. */
  readonly text: string
  /** Also those that have ended. */
  readonly all: boolean
}

export const filterContainers = (
  containers: readonly ContainerSummary[],
  { text, all }: Filter,
): readonly ContainerSummary[] => {
  const wanted = text.trim().toLowerCase()
  return containers.filter(({ Names, Image, State, Status }) => {
    if (!all && State !== 'running' && State !== 'paused' && State !== 'restarting') return false
    return [plainName(Names[0]), Image, State, Status].some((word) => word.toLowerCase().includes(wanted))
  })
}
