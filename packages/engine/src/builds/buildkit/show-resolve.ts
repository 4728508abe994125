import type { ResolveObserver } from '@slipway/build'
import { fullName } from '@slipway/core'
import type { Job } from './job.ts'
import type { ProgressPart } from './progress.ts'

/** Looking for an image is a step; what a pull transfers is told there. */
export const showResolve = ({ progress }: Job, name: string): ResolveObserver => {
  const step = progress.step(`[internal] load metadata for ${fullName(name)}`).start()
  const pending = new Map<string, ProgressPart>()
  return {
    progress({ id, status, progressDetail: { current = 0, total = 0 } = {} }) {
      if (id === undefined || total === 0) return
      const key = `${status.toLowerCase()} ${id}`
      const part = pending.get(key) ?? step.part(key)
      pending.set(key, part)
      part.update(current, total)
      if (current < total) return
      part.finish(current, total)
      pending.delete(key)
    },
    done(error) {
      // Clients wait for the end of each part before they show the step's.
      for (const part of pending.values()) part.end()
      step.finish(error === undefined ? {} : { error })
    },
  }
}
