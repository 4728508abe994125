import { withBuildKit } from '../../../build/ask.ts'
import {
  type BuildRecord,
  filterRecords,
  nameOf,
  readRecords,
  secondsOf,
  showDuration,
  statusOf,
} from '../../../build/records.ts'
import { rfcStamp } from '../../../build/stamp.ts'
import { defineCommand, none } from '../../../command.ts'
import { filters, text, toggle } from '../../../flags/flag.ts'
import { ago, ellipsis } from '../../../format/human.ts'
import { formatRows, type Row, type RowLayout } from '../../../format/rows.ts'

const layout: RowLayout = {
  table: '{{.Ref}}\t{{.Name}}\t{{.Status}}\t{{.CreatedAt}}\t{{.Duration}}',
  quiet: '{{.Ref}}',
  type: '*history.lsContext',
  headings: {
    Ref: 'BUILD ID',
    Name: 'NAME',
    Status: 'STATUS',
    CreatedAt: 'CREATED AT',
    Duration: 'DURATION',
  },
}

const longestName = 40

const rowOf = (record: BuildRecord, isWhole: boolean): Row => ({
  Ref: record.ref,
  Name: isWhole ? nameOf(record) : ellipsis(nameOf(record), longestName),
  Status: statusOf(record),
  CreatedAt: record.createdAt === undefined ? '' : ago(new Date(record.createdAt.seconds * 1000)),
  Duration: showDuration(secondsOf(record)) + (record.completedAt === undefined ? '+' : ''),
})

const jsonOf = (record: BuildRecord): string =>
  JSON.stringify({
    cached_steps: record.numCachedSteps,
    completed_at: rfcStamp(record.completedAt),
    completed_steps: record.numCompletedSteps,
    created_at: rfcStamp(record.createdAt),
    name: nameOf(record),
    ref: `default/default/${record.ref}`,
    status: statusOf(record),
    total_steps: record.numTotalSteps,
  })

export const command = defineCommand({
  names: ['builder history ls'],
  usage: '[OPTIONS]',
  summary: 'List build records',
  operands: none,
  flags: {
    filter: filters('Provide filter values (e.g., "status=error")', ''),
    format: text('', 'Format the output', { shownDefault: '"table"' }),
    'no-trunc': toggle('', "Don't truncate output"),
  },
  run: async ({ flags, session }) => {
    const all = await withBuildKit(session, readRecords)
    const records = filterRecords(all, flags.filter)
    const rows = records.map((record) => rowOf(record, flags['no-trunc']))
    const isJson = flags.format === 'json'
    session.console.stdout.write(
      isJson ? records.map((record) => `${jsonOf(record)}\n`).join('') : formatRows(layout, rows, flags),
    )
    return 0
  },
})
