import { imageLayers } from '@slipway/client'
import { defineCommand, exactly } from '../../command.ts'
import { Exit } from '../../exit.ts'
import { integer, text } from '../../flags/flag.ts'
import { ellipsis, humanSize, shortId } from '../../format/human.ts'
import { changeTree } from '../../image-files/change-tree.ts'
import { type ExploredLayer, exploreLayers } from '../../image-files/explore.ts'
import type { TreeChange } from '../../image-files/file-tree.ts'
import { printLine } from '../../terminal/console.ts'

const defaultDepth = 2
const stepWidth = 100

const countOf = (changes: readonly TreeChange[], kind: TreeChange['kind']): number =>
  changes.filter((change) => change.kind === kind).length

const showLayer = (
  { layer, changes, bytes, wasted }: ExploredLayer,
  title: string,
  depth: number,
): readonly string[] => {
  const counts = (['added', 'changed', 'deleted'] as const).map((kind) => `${countOf(changes, kind)} ${kind}`)
  const loss = wasted === 0 ? '' : `, ${humanSize(wasted, 3)} below wasted`
  return [
    `${title}  ${shortId(layer.diffId)}  ${humanSize(bytes, 3)}: ${counts.join(', ')}${loss}`,
    ...(layer.createdBy === '' ? [] : [`  ${ellipsis(layer.createdBy.replace(/\s+/g, ' '), stepWidth)}`]),
    ...changeTree(changes, depth),
    '',
  ]
}

const pathsOf = (changes: readonly TreeChange[], kind: TreeChange['kind']): readonly unknown[] =>
  changes
    .filter((change) => change.kind === kind)
    .map(({ path, before, after }) => {
      const { type = '', size = 0 } = after ?? before ?? {}
      return { Path: path, Type: type, Size: size }
    })

const layerJson = ({ layer, changes, bytes, wasted }: ExploredLayer): object => ({
  DiffId: layer.diffId,
  ChainId: layer.chainId,
  CreatedBy: layer.createdBy,
  Bytes: bytes,
  WastedBytes: wasted,
  Added: pathsOf(changes, 'added'),
  Changed: pathsOf(changes, 'changed'),
  Deleted: pathsOf(changes, 'deleted'),
})

export const command = defineCommand({
  names: ['image explore'],
  usage: '[OPTIONS] IMAGE',
  summary: 'Show what each layer adds, changes and deletes, and what it wastes',
  operands: exactly(1),
  flags: {
    depth: integer('', 'Show so many names of each path; 0: all', { shownDefault: String(defaultDepth) }),
    format: text('', "Format output: 'json' for everything"),
  },
  run: async ({ flags: { depth = defaultDepth, format }, operands: [name = ''], session: { console, client } }) => {
    if (format !== undefined && format !== 'json') throw new Exit(1, `unknown format: ${format}`)
    const { layers } = await exploreLayers(imageLayers(await client(), name))
    const bytes = layers.reduce((total, layer) => total + layer.bytes, 0)
    const wasted = layers.reduce((total, layer) => total + layer.wasted, 0)
    if (format === 'json') {
      const whole = { Image: name, Bytes: bytes, WastedBytes: wasted, Layers: layers.map(layerJson) }
      printLine(console, JSON.stringify(whole, null, 4))
      return 0
    }
    const deep = depth <= 0 ? Number.POSITIVE_INFINITY : depth
    for (const [place, layer] of layers.entries()) {
      for (const line of showLayer(layer, `Layer ${place + 1}/${layers.length}`, deep)) printLine(console, line)
    }
    const share = bytes === 0 ? 0 : (wasted / bytes) * 100
    printLine(
      console,
      `Total: ${humanSize(bytes, 3)}, of which ${humanSize(wasted, 3)} (${share.toFixed(1)} %) can't be seen`,
    )
    return 0
  },
})
