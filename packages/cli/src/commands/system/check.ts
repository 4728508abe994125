import { systemCheck } from '@slipway/client'
import { defineCommand, none } from '../../command.ts'
import { toggle } from '../../flags/flag.ts'
import { humanSize } from '../../format/human.ts'
import { printLine } from '../../terminal/console.ts'

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
    printLine(console, `Checked ${counts}: ${Findings.length === 0 ? 'all is well' : `${Findings.length} found`}`)
    return Findings.every(({ Outcome }) => Outcome === 'repaired') ? 0 : 1
  },
})
