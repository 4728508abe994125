import type { ImageManifest, ImageSummary } from '@slipway/client'
import { humanSize, shortId } from '../../format/human.ts'

/** A line: what is seen of an image, or of what is in it for one machine. */
type Cells = readonly [name: string, id: string, disk: string, content: string, extra: string]

const headings: Cells = ['IMAGE', 'ID', 'DISK USAGE', 'CONTENT SIZE', 'EXTRA']
/** Sizes stand to the right. */
const isRight = [false, false, true, true, false]
const legend = 'Info ->  U In Use'
const gap = '   '

const platformOf = ({ ImageData }: ImageManifest): string => {
  const { os = '', architecture = '', variant } = ImageData?.Platform ?? {}
  return [os, architecture, ...(variant ? [variant] : [])].join('/')
}

const usedMark = (isUsed: boolean): string => (isUsed ? 'U' : '')

const childrenOf = ({ Manifests = [] }: ImageSummary): readonly ImageManifest[] =>
  Manifests.filter(({ Kind, Available }) => Kind === 'image' && Available)

const childRows = (children: readonly ImageManifest[]): readonly Cells[] =>
  children.map((child, place) => [
    `${place === children.length - 1 ? '└─' : '├─'} ${platformOf(child)}`,
    shortId(child.ID),
    humanSize(child.Size.Total, 3),
    humanSize(child.Size.Content, 3),
    usedMark((child.ImageData?.Containers.length ?? 0) > 0),
  ])

/** Its names, with all of it beside the last one, and then what it is for each machine. */
const imageRows = (image: ImageSummary): readonly (Cells | string)[] => {
  const children = childrenOf(image)
  const names = image.RepoTags?.length ? image.RepoTags : ['<untagged>']
  const content = (image.Manifests ?? []).reduce((sum, { Size }) => sum + Size.Content, 0)
  const isUsed = image.Containers > 0 || children.some(({ ImageData }) => (ImageData?.Containers.length ?? 0) > 0)
  const own: Cells = [
    names.at(-1) ?? '',
    shortId(image.Id),
    humanSize(image.Size, 3),
    image.Manifests === undefined ? 'N/A' : humanSize(content, 3),
    usedMark(isUsed),
  ]
  return [...names.slice(0, -1), own, ...childRows(children)]
}

/**
 * Images with what they are for each machine, as `docker images --tree` shows them. Of one that came with no index it isn't
 * told how large its compressed content is.
 */
export const imageTree = (images: readonly ImageSummary[]): string => {
  const blocks = images.map(imageRows)
  const rows = [headings, ...blocks.flat()].filter((row) => typeof row !== 'string')
  const widths = headings.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  const pad = (cell: string, column: number): string =>
    isRight[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)
  const lineOf = (row: Cells | string): string => (typeof row === 'string' ? row : row.map(pad).join(gap)).trimEnd()
  const width = widths.reduce((sum, each) => sum + each + gap.length, -gap.length)
  const isApart = (place: number): boolean =>
    place > 0 && blocks.slice(place - 1, place + 1).some(({ length }) => length > 1)
  const body = blocks.flatMap((rows, place) => [...(isApart(place) ? [''] : []), ...rows.map(lineOf)])
  return [legend.padStart(width), '', lineOf(headings), ...body, ''].join('\n')
}
