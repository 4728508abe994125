import { withBuildKit } from '../../build/ask.ts'
import { between, defineCommand } from '../../command.ts'
import { Exit } from '../../exit.ts'
import { toggle } from '../../flags/flag.ts'
import { binarySize } from '../../format/human.ts'
import { describeBuilder } from './ls.ts'

type Builder = Awaited<ReturnType<typeof describeBuilder>>
type Policy = Builder['Nodes'][number]['GCPolicy'][number]

/** Names and values, the latter one below the other. */
const aligned = (fields: readonly (readonly [name: string, value: string])[], indent = ''): string => {
  const width = Math.max(0, ...fields.map(([name]) => name.length)) + 2
  return fields.map(([name, value]) => `${indent}${`${name}:`.padEnd(width)}${value}\n`).join('')
}

const goDuration = (nanoseconds: number): string => {
  const seconds = Math.round(nanoseconds / 1e9)
  return `${Math.trunc(seconds / 3600)}h${Math.trunc((seconds % 3600) / 60)}m${seconds % 60}s`
}

const size = (name: string, bytes: number): readonly (readonly [string, string])[] =>
  bytes > 0 ? [[name, binarySize(bytes)]] : []

const policyText = (policy: Policy, index: number): string => {
  const { all, filters, keepDuration, reservedSpace, maxUsedSpace, minFreeSpace } = policy
  const fields: readonly (readonly [string, string])[] = [
    ['All', String(all)],
    ...(filters.length === 0 ? [] : [['Filters', filters.join(' ')] as const]),
    ...(keepDuration > 0 ? [['Keep Duration', goDuration(keepDuration)] as const] : []),
    ...size('Reserved Space', reservedSpace),
    ...size('Max Used Space', maxUsedSpace),
    ...size('Min Free Space', minFreeSpace),
  ]
  return `GC Policy rule#${index}:\n${aligned(fields, ' ')}`
}

const describe = ({ Name, Driver, Nodes }: Builder): string => {
  const nodes = Nodes.map(({ Name: name, Endpoint, Status, Version, Platforms, Labels, GCPolicy }) => {
    const fields = aligned([
      ['Name', name],
      ['Endpoint', Endpoint],
      ['Status', Status],
      ['BuildKit version', Version],
      ['Platforms', Platforms.join(', ')],
    ])
    const labels = Object.entries(Labels).toSorted(([one], [other]) => (one < other ? -1 : 1))
    return `${fields}Labels:\n${aligned(labels, ' ')}${GCPolicy.map(policyText).join('')}`
  })
  return `${aligned([
    ['Name', Name],
    ['Driver', Driver],
  ])}\nNodes:\n${nodes.join('\n')}`
}

export const command = defineCommand({
  names: ['builder inspect'],
  usage: '[NAME]',
  summary: 'Inspect current builder instance',
  operands: between(0, 1),
  flags: { bootstrap: toggle('', 'Ensure builder has booted before inspecting') },
  run: async ({ operands: [name = 'default'], session }) => {
    if (name !== 'default') throw new Exit(1, `ERROR: no builder ${JSON.stringify(name)} found`)
    session.console.stdout.write(describe(await withBuildKit(session, describeBuilder)))
    return 0
  },
})
