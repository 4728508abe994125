import { constants } from 'node:os'
import { invalid } from '@slipway/core'
import { instruction, oneArgument } from '../instruction.ts'
import { expandIn, withConfig } from '../stage.ts'

const highestSignal = 64

const isSignal = (text: string): boolean => {
  if (/^\d+$/.test(text)) return Number(text) > 0 && Number(text) <= highestSignal
  const name = text.toUpperCase().replace(/^(?!SIG)/, 'SIG')
  return Object.hasOwn(constants.signals, name) || /^SIGRT(?:MIN(?:\+\d{1,2})?|MAX(?:-\d{1,2})?)$/.test(name)
}

export const stopsignal = instruction({
  name: 'STOPSIGNAL',
  parse: (line) => ({ line, signal: oneArgument(line) }),
  apply({ line, signal }, stage) {
    const expanded = expandIn(stage, line, signal)
    if (!isSignal(expanded)) throw invalid(`invalid signal: ${expanded}`)
    return { stage: withConfig(stage, { StopSignal: expanded }), createdBy: `STOPSIGNAL ${expanded}` }
  },
})
