import {
  type EngineClient,
  pruneBuilds,
  pruneContainers,
  pruneImages,
  pruneNetworks,
  pruneVolumes,
} from '@slipway/client'
import { defineCommand, none } from '../../command.ts'
import { Exit } from '../../exit.ts'
import { type FilterValues, filters, toggle } from '../../flags/flag.ts'
import { humanSize } from '../../format/human.ts'
import { printLine } from '../../terminal/console.ts'
import { confirm } from '../../terminal/prompt.ts'

interface Wanted {
  readonly all: boolean
  readonly volumes: boolean
  readonly filter: FilterValues
}

interface Pruned {
  readonly title: string
  readonly names: readonly string[]
  readonly bytes: number
}

type Prune = (client: EngineClient, wanted: Wanted) => Promise<Pruned>

/** In docker's order: what a container held is free for those after it. */
const containers: Prune = async (client, { filter }) => {
  const { ContainersDeleted, SpaceReclaimed } = await pruneContainers(client, filter)
  return { title: 'Deleted Containers:', names: ContainersDeleted ?? [], bytes: SpaceReclaimed }
}

const networks: Prune = async (client, { filter }) => {
  const { NetworksDeleted } = await pruneNetworks(client, filter)
  return { title: 'Deleted Networks:', names: NetworksDeleted ?? [], bytes: 0 }
}

const volumes: Prune = async (client, { filter }) => {
  const { VolumesDeleted, SpaceReclaimed } = await pruneVolumes(client, filter)
  return { title: 'Deleted Volumes:', names: VolumesDeleted ?? [], bytes: SpaceReclaimed }
}

const images: Prune = async (client, { all, filter }) => {
  const { ImagesDeleted, SpaceReclaimed } = await pruneImages(client, { ...filter, dangling: [String(!all)] })
  const names = (ImagesDeleted ?? []).map(({ Untagged, Deleted }) =>
    Untagged === undefined ? `deleted: ${Deleted}` : `untagged: ${Untagged}`,
  )
  return { title: 'Deleted Images:', names, bytes: SpaceReclaimed }
}

const builds: Prune = async (client, { all, filter }) => {
  const { CachesDeleted, SpaceReclaimed } = await pruneBuilds(client, { all, filters: filter })
  return { title: 'Deleted build cache objects:', names: CachesDeleted ?? [], bytes: SpaceReclaimed }
}

const warningOf = ({ all, volumes: withVolumes, filter }: Wanted): string => {
  const filtered = Object.entries(filter).flatMap(([name, values]) => values.map((value) => `  - ${name}=${value}`))
  return [
    'WARNING! This will remove:',
    '  - all stopped containers',
    '  - all networks not used by at least one container',
    ...(withVolumes ? ['  - all anonymous volumes not used by at least one container'] : []),
    all ? '  - all images without at least one container associated to them' : '  - all dangling images',
    all ? '  - all build cache' : '  - unused build cache',
    ...(filtered.length > 0 ? ['', '  Items to be pruned will be filtered with:', ...filtered] : []),
    '',
  ].join('\n')
}

export const command = defineCommand({
  names: ['system prune'],
  usage: '[OPTIONS]',
  summary: 'Remove unused data',
  operands: none,
  flags: {
    all: toggle('a', 'Remove all unused images not just dangling ones'),
    filter: filters('Provide filter values (e.g. "label=<key>=<value>")', ''),
    force: toggle('f', 'Do not prompt for confirmation'),
    volumes: toggle('', 'Prune anonymous volumes'),
  },
  run: async ({ flags, session: { console, client: connect } }) => {
    // Before anything is removed.
    if (flags.volumes && flags.filter['until'] !== undefined) {
      throw new Exit(1, 'ERROR: The "until" filter is not supported with "--volumes"')
    }
    if (!flags.force && !(await confirm(console, warningOf(flags)))) return 0
    const client = await connect()
    let total = 0
    for (const prune of [containers, networks, ...(flags.volumes ? [volumes] : []), images, builds]) {
      const { title, names, bytes } = await prune(client, flags)
      if (names.length > 0) printLine(console, `${title}\n${names.join('\n')}\n`)
      total += bytes
    }
    printLine(console, `Total reclaimed space: ${humanSize(total)}`)
    return 0
  },
})
