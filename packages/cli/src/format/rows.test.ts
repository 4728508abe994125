import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatRows, type Row, type RowLayout } from './rows.ts'

const layout: RowLayout = {
  table: '{{.ID}}\t{{.Names}}\t{{.Status}}',
  quiet: '{{.ID}}',
  headings: { ID: 'CONTAINER ID', Names: 'NAMES', Status: 'STATUS', Ports: 'PORTS' },
}
const rows: readonly Row[] = [
  { ID: 'aaa', Names: 'a-rather-long-name', Status: 'Up', Ports: '0->1', Label: (name) => `label ${name}` },
  { ID: 'bbb', Names: 'b', Status: 'Exited (0)', Ports: '', Label: () => '' },
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
  assert.throws(() => formatRows(layout, rows, { format: '{{.Nope}}' }), /^Error: failed to execute template/)
})

test('json is one object a line, in the order of the names, safe in HTML', () => {
  const line = '{"ID":"aaa","Names":"a-rather-long-name","Ports":"0-\\u003e1","Status":"Up"}\n'
  assert.equal(formatRows(layout, rows.slice(0, 1), { format: 'json' }), line)
  assert.equal(formatRows(layout, rows.slice(0, 1), { format: '{{json .}}' }), line)
  assert.equal(formatRows(layout, rows.slice(0, 1), { format: '{{json .Ports}}' }), '"0->1"\n')
})
