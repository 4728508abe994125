import type { ProgressMessage } from '../wire/progress-message.ts'
import { humanSize } from './human-size.ts'

const barLength = 50
/** Below this there is room for the numbers only. */
const roomForBar = 110
const numberLength = 8

/** `[=====>     ]  1.234MB/5.678MB`; empty when there is nothing to tell. */
export const progressBar = (
  { current = 0, total = 0, units = '' }: NonNullable<ProgressMessage['progressDetail']>,
  width: number,
): string => {
  if (current <= 0 && total <= 0) return ''
  const shown = units === '' ? humanSize(current) : `${current} ${units}`
  if (total <= 0) return shown.padStart(numberLength)
  const done = Math.min(barLength, Math.trunc((current / total) * barLength))
  const bar = width > roomForBar ? `[${'='.repeat(done)}>${' '.repeat(barLength - done)}] ` : ''
  const whole = units === '' ? humanSize(total) : `${total} ${units}`
  return bar + shown.padStart(numberLength) + (current > total ? '' : `/${whole}`)
}
