import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatTable, replaceSection } from './report.ts'

test('the table says how much we need of what each peer needs', () => {
  const samples = new Map([
    ['slipway', [80, 100, 300]],
    ['dockerd', [400, 390, 420]],
  ])
  assert.equal(
    formatTable([{ metric: 'total', unit: 'ms', samples }]),
    [
      '|  | slipway | dockerd | to dockerd |',
      '| --- | ---: | ---: | ---: |',
      '| total, ms | **100** (80–300) | **400** (390–420) | 0.25 |',
    ].join('\n'),
  )
})

test('without our own figure there is no ratio', () => {
  const table = formatTable([{ metric: 'run', unit: 'ms', samples: new Map([['runc', [50]]]) }])
  assert.ok(table.includes('| run, ms | **50** (50–50) |'))
})

test('a section takes the place of its older self, and the others stay as they are', () => {
  const before = '# Results\n\nText.\n\n## a\n\nold\n\n## b\n\nstays\n'
  assert.equal(replaceSection(before, '## a\n\nnew\n'), '# Results\n\nText.\n\n## a\n\nnew\n\n## b\n\nstays\n')
  assert.equal(replaceSection('# Results\n', '## a\n\nnew\n'), '# Results\n\n## a\n\nnew\n')
})
