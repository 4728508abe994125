import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkFormat, formatRows, type Row, type RowLayout } from './rows.ts'

const layout: RowLayout = {
  table: '{{.ID}}\t{{.Names}}\t{{.Status}}',
  quiet: '{{.ID}}',
  type: '*formatter.ContainerContext',
  methods: ['Label'],
  headings: { ID: 'CONTAINER ID', Names: 'NAMES', Status: 'STATUS', Ports: 'PORTS' },
}
const rows: readonly Row[] = [
  { ID: 'aaa', Names: 'a-rather-long-name', Status: 'Up', Ports: '0->1', Label: (name) => `label ${name}` },
  { ID: 'bbb', Names: 'b', Status: 'Exited (0)', Ports: '', Label: (_name) => '' },
]

test('the table is aligned as docker aligns it: three spaces, ten at least', () => {
  assert.equal(
    formatRows(layout, rows, {}),
    'CONTAINER ID   NAMES                STATUS\n' +
      'aaa            a-rather-long-name   Up\n' +
      'bbb            b                    Exited (0)\n',
  )
  assert.equal(formatRows(layout, [], { format: 'table {{.ID}}\\t{{.Status}}' }), 'CONTAINER ID   STATUS\n')
  assert.equal(
    formatRows(layout, rows.slice(1), { format: 'table {{.Names}}\t{{.ID}}' }),
    'NAMES     CONTAINER ID\nb         bbb\n',
  )
})

test('quiet prints one word for each, also with a table format', () => {
  assert.equal(formatRows(layout, rows, { quiet: true }), 'aaa\nbbb\n')
  assert.equal(formatRows(layout, rows, { quiet: true, format: 'table {{.Names}}' }), 'aaa\nbbb\n')
})

test('a template is printed for each row, and its escapes are read', () => {
  assert.equal(formatRows(layout, rows, { format: '{{.ID}}\\t{{.Status}}' }), 'aaa\tUp\nbbb\tExited (0)\n')
  assert.equal(formatRows(layout, rows, { format: '{{.Label "x"}}' }), 'label x\n\n')
})

test('json is one object a line, in the order of the names, safe in HTML', () => {
  const line = '{"ID":"aaa","Names":"a-rather-long-name","Ports":"0-\\u003e1","Status":"Up"}\n'
  assert.equal(formatRows(layout, rows.slice(0, 1), { format: 'json' }), line)
  assert.equal(formatRows(layout, rows.slice(0, 1), { format: '{{json .}}' }), line)
  assert.equal(formatRows(layout, rows.slice(0, 1), { format: '{{json .Ports}}' }), '"0->1"\n')
})

const unknown: readonly (readonly [format: string, message: string])[] = [
  ['{{.Nope}}', "<.Nope>: can't evaluate field Nope in type *formatter.ContainerContext"],
  ['{{.ID.Nope}}', "<.ID.Nope>: can't evaluate field Nope in type string"],
  ['{{.Label}}', '<.Label>: wrong number of args for Label: want 1 got 0'],
]

test('a format that asks for what a row has not fails as with docker', () => {
  for (const [format, message] of unknown) {
    const at = format.startsWith('{{.ID') ? 5 : 2
    assert.throws(() => formatRows(layout, rows, { format }), {
      message: `template parsing error: template: :1:${at}: executing "" at ${message}`,
      exitCode: 1,
    })
  }
  assert.equal(formatRows(layout, [], { format: 'table {{.Nope}}\t{{.ID}}' }), '<no value>   CONTAINER ID\n')
})

test('a format is checked before there are rows, for its fields alone', () => {
  assert.throws(() => checkFormat(layout, 'table {{.ID}} {{.Nope}}'), {
    message:
      'failed to execute template: template: :1:16: executing "" at <.Nope>: ' +
      "can't evaluate field Nope in type *formatter.ContainerContext",
    exitCode: 1,
  })
  assert.throws(() => checkFormat(layout, '{{.ID'), {
    message: 'failed to parse template: template: :1: unclosed action',
    exitCode: 1,
  })
  checkFormat(layout, '{{slice .Status 0 40}}{{.Label "x"}}')
})
