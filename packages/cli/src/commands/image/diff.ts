import { type ImageInspect, imageLayers, inspectImage, type LayerFile } from '@slipway/client'
import { defineCommand, exactly } from '../../command.ts'
import { Exit } from '../../exit.ts'
import { text } from '../../flags/flag.ts'
import { humanSize } from '../../format/human.ts'
import { letters } from '../../image-files/change-tree.ts'
import { compareSettings, compareTrees } from '../../image-files/compare.ts'
import { exploreLayers } from '../../image-files/explore.ts'
import type { TreeChange } from '../../image-files/file-tree.ts'
import { printLine } from '../../terminal/console.ts'

const about = (file: LayerFile): string => {
  const mode = (file.mode ?? 0).toString(8).padStart(4, '0')
  const what = file.type === 'file' ? humanSize(file.size ?? 0) : file.type
  return `${what} ${mode} ${file.uid}:${file.gid}`
}

const showChange = ({ kind, path, before, after }: TreeChange): string => {
  if (before === undefined || after === undefined) {
    return `${letters[kind]} ${path} (${about((after ?? before) as LayerFile)})`
  }
  const [from, to] = [about(before), about(after)]
  return `${letters[kind]} ${path} (${from === to ? `${to}, other content` : `${from} -> ${to}`})`
}

const settingsOf = ({ Config, Architecture, Os }: ImageInspect): object => ({ ...Config, Architecture, Os })

const signed = (bytes: number): string => `${bytes < 0 ? '-' : '+'}${humanSize(Math.abs(bytes), 3)}`

export const command = defineCommand({
  names: ['image diff'],
  usage: '[OPTIONS] IMAGE IMAGE',
  summary: 'Show what differs between two images: files, configuration, size',
  operands: exactly(2),
  flags: { format: text('', "Format output: 'json' for everything") },
  run: async ({ flags: { format }, operands: [from = '', to = ''], session: { console, client: connect } }) => {
    if (format !== undefined && format !== 'json') throw new Exit(1, `unknown format: ${format}`)
    const client = await connect()
    const [a, b] = await Promise.all([inspectImage(client, from), inspectImage(client, to)])
    const before = await exploreLayers(imageLayers(client, a.Id))
    const after = await exploreLayers(imageLayers(client, b.Id))
    const files = compareTrees(before.tree, after.tree)
    const settings = compareSettings(settingsOf(a), settingsOf(b))
    if (format === 'json') {
      const Files = files.map(({ kind, path, ...sides }) => ({
        Kind: kind,
        Path: path,
        From: sides.before,
        To: sides.after,
      }))
      const Size = { From: a.Size, To: b.Size }
      printLine(console, JSON.stringify({ From: a.Id, To: b.Id, Size, Config: settings, Files }, null, 4))
      return 0
    }
    for (const change of files) printLine(console, showChange(change))
    for (const { Name, From, To } of settings) {
      printLine(console, `Config ${Name}: ${JSON.stringify(From)} -> ${JSON.stringify(To)}`)
    }
    printLine(console, `Size: ${humanSize(a.Size, 3)} -> ${humanSize(b.Size, 3)} (${signed(b.Size - a.Size)})`)
    return 0
  },
})
