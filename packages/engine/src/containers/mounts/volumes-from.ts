import { hasCode, invalid } from '@slipway/core'
import type { ContainerRecord } from '../records.ts'
import type { ContainerRoom } from '../room.ts'
import { mountsOf } from './chosen.ts'
import type { ContainerMount } from './mount.ts'
import { parseMode } from './parse.ts'

/** Reads `container[:mode]`. Throws invalid in docker's words: what is shared is shared as it is, but for `ro` and `rw`. */
export const parseVolumesFrom = (text: string): { readonly container: string; readonly readonly: boolean } => {
  if (text === '') throw invalid('volumes-from specification cannot be an empty string')
  const [container = '', mode = 'rw', ...rest] = text.split(':')
  if (container === '') throw invalid(`malformed volumes-from specification: ${text}`)
  const words = rest.length > 0 ? [''] : parseMode(mode)
  if (!words.every((word) => ['ro', 'rw', 'z', 'Z'].includes(word))) throw invalid(`invalid mode: ${mode}`)
  return { container, readonly: words.includes('ro') }
}

/** Throws invalid, as docker has it: what isn't found when a container is made is something else. */
const findSharing = (room: ContainerRoom, container: string): ContainerRecord => {
  try {
    return room.records.find(container)
  } catch (error) {
    throw hasCode(error, 'not-found') ? invalid(error.message, error) : error
  }
}

/** The mounts of the containers that `--volumes-from` names. Throws invalid. */
export const mountsFrom = (room: ContainerRoom, specifications: readonly string[]): readonly ContainerMount[] =>
  specifications.map(parseVolumesFrom).flatMap(({ container, readonly }) =>
    mountsOf(findSharing(room, container).definition).map((mount) => ({
      ...mount,
      readonly: mount.readonly || readonly,
      // It has been filled, or was to stay empty.
      ...(mount.type === 'volume' ? { copy: false } : {}),
    })),
  )
