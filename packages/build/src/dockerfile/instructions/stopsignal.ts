import { constants } from 'node:os'
import { invalid } from '@slipway/core'
import { instruction, oneArgument } from '../instruction.ts'
import { expandIn, withConfig } from '../stage.ts'

/** Of those that have no names of their own. */
const realTime = /^SIGRT(?:MIN(?:\+(?:1[0-5]|[1-9]))?|MAX(?:-(?:1[0-4]|[1-9]))?)$/

const isSignal = (text: string): boolean => {
  if (/^[+-]?\d{1,9}$/.test(text)) return Number(text) !== 0
  const name = text.toUpperCase().replace(/^(?!SIG)/, 'SIG')
  return Object.hasOwn(constants.signals, name) || realTime.test(name)
}

export const stopsignal = instruction({
  name: 'STOPSIGNAL',
  ignoresFlags: true,
  parse: (line) => ({ line, signal: oneArgument(line) }),
  apply({ line, signal }, stage) {
    const expanded = expandIn(stage, line, signal)
    if (!isSignal(expanded)) throw invalid(`invalid signal: ${expanded}`)
    return { stage: withConfig(stage, { StopSignal: expanded }), createdBy: `STOPSIGNAL ${expanded}` }
  },
})
