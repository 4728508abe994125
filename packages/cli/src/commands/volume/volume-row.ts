import type { Volume } from '@slipway/client'
import { joinLabels, type Row, type RowLayout } from '../../format/rows.ts'

export const volumeLayout: RowLayout = {
  table: '{{.Driver}}\t{{.Name}}',
  quiet: '{{.Name}}',
  type: '*formatter.volumeContext',
  methods: ['Label'],
  headings: {
    Driver: 'DRIVER',
    Name: 'VOLUME NAME',
    Scope: 'SCOPE',
    Mountpoint: 'MOUNTPOINT',
    Labels: 'LABELS',
    Availability: 'AVAILABILITY',
    Group: 'GROUP',
    Links: 'LINKS',
    Size: 'SIZE',
    Status: 'STATUS',
  },
}

/** What only a cluster's volumes have, and what the list doesn't measure. */
const unknown = 'N/A'

/** A volume as `volume ls` shows it. */
export const volumeRow = ({ Name, Driver, Scope, Mountpoint, Labels }: Volume): Row => ({
  Name,
  Driver,
  Scope,
  Mountpoint,
  Labels: joinLabels(Labels),
  Availability: unknown,
  Group: unknown,
  Links: unknown,
  Size: unknown,
  Status: unknown,
  Label: (name) => Labels?.[String(name)] ?? '',
})
