import type { ContainerSummary } from '@slipway/client'
import { ago, ellipsis, goTime, humanSize, shortId } from '../../format/human.ts'
import { showPorts } from '../../format/ports.ts'
import { joinLabels, type Row, type RowLayout } from '../../format/rows.ts'

const commandWidth = 20
const mountWidth = 15

const columns = '{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}'

export const containerLayout = ({ size }: { readonly size: boolean }): RowLayout => ({
  table: size ? `${columns}\t{{.Size}}` : columns,
  quiet: '{{.ID}}',
  type: '*formatter.ContainerContext',
  methods: ['Label'],
  headings: {
    ID: 'CONTAINER ID',
    Image: 'IMAGE',
    Command: 'COMMAND',
    CreatedAt: 'CREATED AT',
    RunningFor: 'CREATED',
    Ports: 'PORTS',
    State: 'STATE',
    Status: 'STATUS',
    Size: 'SIZE',
    Names: 'NAMES',
    Labels: 'LABELS',
    Mounts: 'MOUNTS',
    LocalVolumes: 'LOCAL VOLUMES',
    Networks: 'NETWORKS',
    Platform: 'PLATFORM',
  },
})

/** Names without the slash, and without those that are links from other containers. */
const namesOf = (names: readonly string[], full: boolean): string =>
  names
    .map((name) => name.replace(/^\//, ''))
    .filter((name) => full || !name.includes('/'))
    .join(',')

const imageOf = ({ Image, ImageID }: ContainerSummary, full: boolean): string => {
  if (Image === '') return '<no image>'
  if (full) return Image
  return Image === ImageID || /^(sha256:)?[0-9a-f]{64}$/.test(Image) ? shortId(Image) : Image
}

const sizeOf = ({ SizeRw = 0, SizeRootFs = 0 }: ContainerSummary): string =>
  SizeRootFs > 0 ? `${humanSize(SizeRw, 3)} (virtual ${humanSize(SizeRootFs, 3)})` : humanSize(SizeRw, 3)

const mountsOf = ({ Mounts }: ContainerSummary, full: boolean): string =>
  (Mounts ?? [])
    .map(({ Name, Source }) => Name || Source)
    .map((name) => (full ? name : ellipsis(name, mountWidth)))
    .join(',')

/** A container as `ps` shows it. */
export const containerRow = (container: ContainerSummary, { full }: { readonly full: boolean }): Row => {
  const created = new Date(container.Created * 1000)
  return {
    ID: full ? container.Id : shortId(container.Id),
    Image: imageOf(container, full),
    Command: JSON.stringify(full ? container.Command : ellipsis(container.Command, commandWidth)),
    // The name of the time zone is 10 ms of work that few ask for.
    get CreatedAt() {
      return goTime(created)
    },
    RunningFor: ago(created),
    Ports: showPorts(container.Ports ?? []),
    State: container.State,
    Status: container.Status,
    Size: sizeOf(container),
    Names: namesOf(container.Names, full),
    // The API tells no platform of a container before its version 1.48's descriptor.
    Platform: null,
    Labels: joinLabels(container.Labels),
    Label: (name) => container.Labels?.[String(name)] ?? '',
    Mounts: mountsOf(container, full),
    LocalVolumes: String((container.Mounts ?? []).filter(({ Driver }) => Driver === 'local').length),
    Networks: Object.keys(container.NetworkSettings?.Networks ?? {})
      .sort()
      .join(','),
  }
}
