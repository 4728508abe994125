import { constants } from 'node:os'
import { invalid } from '@slipway/core'

const realTimeMinimum = 34
const realTimeMaximum = 64

/** Reads `9`, `KILL`, `SIGKILL` or `SIGRTMIN+3`. Throws invalid in docker's words. */
export const parseSignal = (text: string): number => {
  const number = Number(text)
  if (Number.isInteger(number) && number > 0 && number <= realTimeMaximum) return number
  const name = `SIG${text.toUpperCase().replace(/^SIG/, '')}`
  const known = constants.signals[name as NodeJS.Signals]
  if (known !== undefined) return known
  const realTime = /^SIGRT(MIN|MAX)(?:([+-])(\d+))?$/.exec(name)
  if (realTime) {
    const base = realTime[1] === 'MIN' ? realTimeMinimum : realTimeMaximum
    const signal = base + Number(`${realTime[2] ?? '+'}${realTime[3] ?? 0}`)
    if (signal >= realTimeMinimum && signal <= realTimeMaximum) return signal
  }
  if (Number.isInteger(number) && number !== 0) {
    throw invalid(`the linux daemon does not support signal ${text.slice(0, 80)}`)
  }
  throw invalid(`invalid signal: ${text.slice(0, 80)}`)
}
