import { type CheckFinding, systemCheck } from '@slipway/client'
import { defineCommand, none } from '../../command.ts'
import { toggle } from '../../flags/flag.ts'
import { humanSize } from '../../format/human.ts'
import { printLine } from '../../terminal/console.ts'

const outcomes = ['found', 'repaired', 'lost'] as const

/** `all is well`, `1 found: --repair mends what can be mended`, `3 repaired, 1 lost`. */
export const sumUp = (findings: readonly Pick<CheckFinding, 'Outcome'>[]): string => {
  const counted = outcomes.flatMap((outcome) => {
    const { length } = findings.filter(({ Outcome }) => Outcome === outcome)
    return length === 0 ? [] : [`${length} ${outcome}`]
  })
  if (counted.length === 0) return 'all is well'
  const isAsked = findings.every(({ Outcome }) => Outcome === 'found')
  return `${counted.join(', ')}${isAsked ? ': --repair mends what can be mended' : ''}`
}

export const command = defineCommand({
  names: ['system check'],
  usage: '[OPTIONS]',
  summary: 'Verify every blob, layer and name that the engine keeps',
  operands: none,
  flags: { repair: toggle('', 'Mend what can be mended, and collect what nothing refers to') },
  run: async ({ flags: { repair }, session: { console, client } }) => {
    const { Blobs, BlobBytes, Layers, Images, References, Findings } = await systemCheck(await client(), { repair })
    for (const { Kind, Name, Problem, Outcome } of Findings)
      printLine(console, `${Outcome}: ${Kind} ${Name}: ${Problem}`)
    const counts = `${Blobs} blobs (${humanSize(BlobBytes)}), ${Layers} layers, ${Images} images, ${References} names`
    printLine(console, `Checked ${counts}: ${sumUp(Findings)}`)
    return Findings.every(({ Outcome }) => Outcome === 'repaired') ? 0 : 1
  },
})
