import { messageOf } from '@slipway/core'
import type { Candidate } from './candidate.ts'
import { Absent, type Check } from './check.ts'

export interface Verdict {
  readonly result: 'kept' | 'broken' | 'absent'
  /** Why, unless it is kept. */
  readonly reason: string
}

/** Whether a registry keeps to one sentence. */
export const examine = async (registry: Candidate, { run }: Check): Promise<Verdict> => {
  try {
    await run(registry)
    return { result: 'kept', reason: '' }
  } catch (error) {
    const [reason = ''] = messageOf(error).split('\n')
    return { result: error instanceof Absent ? 'absent' : 'broken', reason }
  }
}
