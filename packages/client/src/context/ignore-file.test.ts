import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isIgnored, mayIncludeBelow, parseIgnoreFile } from './ignore-file.ts'

const rows: readonly (readonly [file: string, path: string, ignored: boolean])[] = [
  ['*.log', 'a.log', true],
  ['*.log', 'sub/a.log', false],
  ['**/*.log', 'a.log', true],
  ['**/*.log', 'sub/deep/a.log', true],
  ['node_modules/', 'node_modules', true],
  ['node_modules/', 'node_modules/x/y', true],
  ['node_modules/', 'sub/node_modules', false],
  ['/abs', 'abs', true],
  ['./dot', 'dot', true],
  ['a/../b', 'b', true],
  ['a/**', 'a', false],
  ['a/**', 'a/b/c', true],
  ['a/**/z', 'a/z', true],
  ['a/**/z', 'a/b/c/z', true],
  ['**', 'any/thing', true],
  ['te?t', 'test', true],
  ['te?t', 'te/t', false],
  ['[a-c]x', 'bx', true],
  ['[^a-c]x', 'bx', false],
  ['[^a-c]x', 'dx', true],
  ['a\\*', 'a*', true],
  ['a\\*', 'ab', false],
  ['a.b', 'aXb', false],
  ['a+(b)', 'a+(b)', true],
  ['*\n!keep', 'keep', false],
  ['*\n!keep', 'other', true],
  ['sub\n!sub/keep', 'sub/keep', false],
  ['sub\n!sub/keep', 'sub/other', true],
  ['!a\na', 'a', true],
  ['# a', '# a', false],
  ['#a', '#a', false],
  [' #a', '#a', true],
  ['\ufeffa', 'a', true],
  ['  a  ', 'a', true],
  ['*.md\n!README*.md\nREADME-secret.md', 'README-secret.md', true],
  ['*.md\n!README*.md\nREADME-secret.md', 'README-x.md', false],
  ['', 'a', false],
]

test('isIgnored() follows docker, not git', () => {
  for (const [file, path, ignored] of rows) {
    assert.equal(isIgnored(parseIgnoreFile(file), path), ignored, `${JSON.stringify(file)} and ${path}`)
  }
})

test('parseIgnoreFile() refuses patterns that mean nothing', () => {
  assert.throws(() => parseIgnoreFile('!'), { message: 'illegal exclusion pattern: "!"' })
  assert.throws(() => parseIgnoreFile('[a'), { code: 'invalid' })
  assert.throws(() => parseIgnoreFile('a\\'), { code: 'invalid' })
})

test('mayIncludeBelow() only walks where something may come back', () => {
  const patterns = parseIgnoreFile('*\n!src/*/keep\n!**/x.txt\n')
  assert.equal(mayIncludeBelow(patterns, 'src'), true)
  assert.equal(mayIncludeBelow(patterns, 'any'), true)
  assert.equal(mayIncludeBelow(parseIgnoreFile('*\n!src/*/keep'), 'any'), false)
  assert.equal(mayIncludeBelow(parseIgnoreFile('*\n!src/*/keep'), 'src/a'), true)
  assert.equal(mayIncludeBelow(parseIgnoreFile('*'), 'src'), false)
})
