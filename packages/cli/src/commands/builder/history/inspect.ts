import { withBuildKit } from '../../../build/ask.ts'
import {
  type BuildRecord,
  findRecord,
  nameOf,
  readRecords,
  secondsOf,
  showDuration,
  statusOf,
} from '../../../build/records.ts'
import { goStamp, rfcStamp } from '../../../build/stamp.ts'
import { between, defineCommand } from '../../../command.ts'
import { text } from '../../../flags/flag.ts'
import { compileFormat, printWith } from '../../../format/inspect.ts'

const contextOf = ({ frontendAttrs }: BuildRecord): string =>
  frontendAttrs.get('context') ?? frontendAttrs.get('vcs:localdir:context') ?? ''

const fileOf = ({ frontendAttrs }: BuildRecord): string => frontendAttrs.get('filename') ?? 'Dockerfile'

/** What is told of every option that begins so: `build-arg:`. */
const withPrefix = ({ frontendAttrs }: BuildRecord, prefix: string): readonly (readonly [string, string])[] =>
  [...frontendAttrs].flatMap(([name, value]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : []))

const section = (title: string, fields: readonly (readonly [string, string])[]): string =>
  fields.length === 0 ? '' : `\n${title}\n${fields.map(([name, value]) => `${name}\t${value}\n`).join('')}`

const codes: Readonly<Record<number, string>> = { 1: 'Canceled', 2: 'Unknown', 5: 'NotFound', 12: 'Unimplemented' }

/** Values begin at the second tab stop. */
const gapAfter = (name: string): string => (name.length < 8 ? '\t\t' : '\t')

const describe = (record: BuildRecord): string => {
  const { ref, error, numCompletedSteps, numTotalSteps, numCachedSteps, frontendAttrs, exporters } = record
  const cached = numTotalSteps === 0 ? 0 : Math.round((numCachedSteps / numTotalSteps) * 100)
  const lines: readonly (readonly [string, string])[] = [
    ['Name:', nameOf(record)],
    ['Ref:', ref],
    ['Context:', contextOf(record)],
    ['Dockerfile:', fileOf(record)],
    ...(frontendAttrs.has('target') ? [['Target:', frontendAttrs.get('target') ?? ''] as const] : []),
    ['', ''],
    ['Started:', goStamp(record.createdAt).slice(0, 19)],
    ['Duration:', showDuration(secondsOf(record))],
    ...(statusOf(record) === 'Running' ? [['Status:', 'Running'] as const] : []),
    ...(error === undefined ? [] : [['Error:', `${codes[error.code] ?? error.code} ${error.message}`] as const]),
    ['Build Steps:', `${numCompletedSteps}/${numTotalSteps} (${cached}% cached)`],
    ['', ''],
    ['Image Resolve Mode:', frontendAttrs.get('image-resolve-mode') ?? 'local'],
  ]
  const head = lines.map(([name, value]) => (name === '' ? '\n' : `${name}${gapAfter(name)}${value}\n`)).join('')
  const names = exporters.flatMap(({ attrs }) => (attrs.get('name') ?? '').split(',').filter(Boolean))
  return `${head}${section('BUILD ARG\tVALUE', withPrefix(record, 'build-arg:'))}${section('LABEL\tVALUE', withPrefix(record, 'label:'))}${names.length === 0 ? '' : `\nImages:\t${names.join(', ')}\n`}\nPrint build logs: slipway builder history logs ${ref}\n`
}

const pairs = (fields: readonly (readonly [string, string])[]) =>
  fields.length === 0 ? undefined : fields.map(([Name, Value]) => ({ Name, Value }))

const dataOf = (record: BuildRecord) => ({
  Name: nameOf(record),
  Ref: record.ref,
  Context: contextOf(record),
  Dockerfile: fileOf(record),
  Target: record.frontendAttrs.get('target'),
  StartedAt: rfcStamp(record.createdAt),
  CompletedAt: rfcStamp(record.completedAt),
  Duration: Math.round(secondsOf(record) * 1e9),
  Status: { Running: 'running', Completed: 'completed', Error: 'failed', Canceled: 'canceled' }[statusOf(record)],
  Error: record.error && { Code: record.error.code, Message: record.error.message },
  NumCompletedSteps: record.numCompletedSteps,
  NumTotalSteps: record.numTotalSteps,
  NumCachedSteps: record.numCachedSteps,
  BuildArgs: pairs(withPrefix(record, 'build-arg:')),
  Labels: pairs(withPrefix(record, 'label:')),
  Config: { ImageResolveMode: record.frontendAttrs.get('image-resolve-mode') ?? 'local' },
})

export const command = defineCommand({
  names: ['builder history inspect'],
  usage: '[OPTIONS] [REF]',
  summary: 'Inspect a build record',
  operands: between(0, 1),
  flags: { format: text('', 'Format the output', { shownDefault: '"pretty"' }) },
  run: async ({ flags: { format = 'pretty' }, operands: [name], session }) => {
    const record = findRecord(await withBuildKit(session, readRecords), name)
    const { stdout } = session.console
    if (format === 'pretty') stdout.write(describe(record))
    else if (format === 'json') stdout.write(`${JSON.stringify(dataOf(record), null, 2)}\n`)
    else printWith(stdout, compileFormat(format, 'inspect'), dataOf(record))
    return 0
  },
})
