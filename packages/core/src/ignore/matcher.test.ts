import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mayMatchBelow } from './below.ts'
import { parseIgnoreFile } from './file.ts'
import { ignoreMatcher, isIgnored } from './matcher.ts'

const rows: readonly (readonly [patterns: string | readonly string[], path: string, ignored: boolean])[] = [
  ['**', 'file', true],
  ['**', 'dir/file', true],
  ['**/', 'file', true],
  ['**/', 'dir/file', true],
  ['**/**', 'dir/file', true],
  ['dir/**', 'dir/file', true],
  ['dir/**', 'dir/dir2/file', true],
  ['dir/**', 'dir', false],
  ['dir/**/', 'dir/dir2/file', true],
  ['**/dir2/*', 'dir/dir2/file', true],
  ['**/dir2/**', 'dir/dir2/dir2/file', true],
  ['**file', 'file', true],
  ['**file', 'dir/file', true],
  ['**/file', 'file', true],
  ['**/file', 'dir/file', true],
  ['**/file', 'dir/dir/file', true],
  ['**/file*', 'dir/dir/file.txt', true],
  ['**/file*txt', 'dir/dir/file.txt', true],
  ['**/file*.txt*', 'dir/dir/file.txt', true],
  ['**/*.txt', 'dir/dir/file.txt', true],
  ['**/*.txt2', 'dir/dir/file.txt', false],
  ['**/**/*.txt', 'dir/dir/file.txt', true],
  ['a**/*.txt', 'a/file.txt', true],
  ['a**/*.txt', 'a/dir/file.txt', true],
  ['a/*.txt', 'a/dir/file.txt', false],
  ['a/*.txt', 'a/file.txt', true],
  ['a[b-d]e', 'ae', false],
  ['a[b-d]e', 'ace', true],
  ['a[b-d]e', 'aae', false],
  ['a[^b-d]e', 'aze', true],
  ['.*', '.foo', true],
  ['.*', 'foo', false],
  ['abc.def', 'abcdef', false],
  ['abc.def', 'abc.def', true],
  ['abc?def', 'abcZdef', true],
  ['abc?def', 'abcdef', false],
  ['a\\\\', 'a\\', true],
  ['**/foo/bar', 'foo/bar', true],
  ['**/foo/bar', 'dir/foo/bar', true],
  ['abc/**', 'abc/def/ghi', true],
  ['**/.foo', '.foo', true],
  ['**/.foo', 'bar.foo', false],
  ['a(b)c/def', 'a(b)c/def', true],
  ['a(b)c/def', 'a(b)c/xyz', false],
  ['a.|)$(}+{bc', 'a.|)$(}+{bc', true],
  [
    'dist/proxy.py-2.4.0rc3.dev36+g08acad9-py3-none-any.whl',
    'dist/proxy.py-2.4.0rc3.dev36+g08acad9-py3-none-any.whl',
    true,
  ],
  ['dist/*.whl', 'dist/proxy.py-2.4.0rc3.dev36+g08acad9-py3-none-any.whl', true],
  ['*', 'dir/file', true],
  ['node_modules/', 'node_modules/a/b', true],
  ['node_modules/', 'x/node_modules/a', false],
  ['/abs', 'abs', true],
  ['./rel/../rel', 'rel', true],
  [['*', '!keep'], 'keep', false],
  [['*', '!keep'], 'drop', true],
  [['docs', '!docs/README.md'], 'docs/README.md', false],
  [['docs', '!docs/README.md'], 'docs/other.md', true],
  [['**', '!src/**', 'src/*.log'], 'src/a.log', true],
  [['**', '!src/**', 'src/*.log'], 'src/a.ts', false],
  [['!keep', '*'], 'keep', true],
  [['*.md', '!README*.md', 'README-secret.md'], 'README-secret.md', true],
  [['*.md', '!README*.md', 'README-secret.md'], 'README.md', false],
  // The second `a` isn't asked about the directory, which is ignored already: it takes nothing of what that holds.
  [['a', '!a/b', 'a'], 'a/b', false],
  [['a', '!a/b', 'a'], 'a/c', true],
  [['a', '!a/b', 'a/b'], 'a/b', true],
]

test('ignoreMatcher() matches as moby does: anchored, last pattern wins, a directory takes what it holds', () => {
  for (const [patterns, path, ignored] of rows) {
    const lines = typeof patterns === 'string' ? [patterns] : patterns
    const matcher = ignoreMatcher(parseIgnoreFile(lines.join('\n')))
    assert.equal(isIgnored(matcher, path), ignored, `${lines.join(' ; ')} on ${path}`)
  }
})

test('ignoreMatcher() refuses patterns that mean nothing', () => {
  assert.throws(() => ignoreMatcher(['!']), { message: 'illegal exclusion pattern: "!"' })
  assert.throws(() => ignoreMatcher(['a[']), /syntax error in pattern/)
})

test('ignoreMatcher() tells what is wrong with a pattern when it asks it first', () => {
  assert.throws(() => isIgnored(ignoreMatcher(['[z-a]x']), 'a'), /syntax error in pattern/)
  const matcher = ignoreMatcher(['*.log', '![z-a]x'])
  assert.equal(isIgnored(matcher, 'a'), false)
  assert.throws(() => isIgnored(matcher, 'a.log'), /syntax error in pattern/)
})

test('ignoreMatcher() takes no time that grows out of proportion', () => {
  const matcher = ignoreMatcher([`${'*a'.repeat(25)}*b`, `${'**/a/'.repeat(10)}b`])
  // One that tries every way would take longer than anyone waits; a slow machine doesn't take this long.
  const started = process.cpuUsage()
  assert.equal(isIgnored(matcher, 'a'.repeat(200)), false)
  assert.equal(isIgnored(matcher, 'a/'.repeat(100).slice(0, -1)), false)
  assert.ok(process.cpuUsage(started).user < 20e6)
})

test('parseIgnoreFile() knows comments, spaces, slashes and exceptions', () => {
  const text = '\uFEFF# comment\n  # pattern\n\n  a/b/  \n/c\n! d\n!/e/\r\n./f\n'
  assert.deepEqual(parseIgnoreFile(text), ['# pattern', 'a/b', 'c', '!d', '!e', 'f'])
})

test('mayMatchBelow() tells directories that a pattern can reach into from others', () => {
  assert.equal(mayMatchBelow('src/*/keep', 'src'), true)
  assert.equal(mayMatchBelow('src/*/keep', 'src/a'), true)
  assert.equal(mayMatchBelow('src/*/keep', 'any'), false)
  assert.equal(mayMatchBelow('**/x.txt', 'any/where'), true)
  assert.equal(mayMatchBelow('a**', 'ab/c'), true)
  assert.equal(mayMatchBelow('a', 'a/b'), true)
})

test('mayHoldOthers() is about exceptions alone', () => {
  const matcher = ignoreMatcher(['*', 'src', '!src/*/keep'])
  assert.equal(matcher.mayHoldOthers('src'), true)
  assert.equal(matcher.mayHoldOthers('other'), false)
  assert.equal(ignoreMatcher(['src']).mayHoldOthers('src'), false)
})

test('several stars in a row mean what one means, and a line is as long as docker reads it', () => {
  for (const pattern of ['**/**/**/b', '**/b', 'a*****b', '***b', 'a/**/**']) {
    assert.equal(isIgnored(ignoreMatcher([pattern]), pattern.startsWith('a*') ? 'axxb' : 'a/b'), true, pattern)
  }
  assert.equal(isIgnored(ignoreMatcher(['a**/**/c']), 'ax/b/c'), true)
  assert.equal(isIgnored(ignoreMatcher(['a***c']), 'ac/b'), true)
  assert.equal(isIgnored(ignoreMatcher(['a****?c']), 'ac'), false)
  assert.equal(parseIgnoreFile('é'.repeat(32_767)).length, 1)
  assert.throws(() => parseIgnoreFile('é'.repeat(32_768)), { message: /: bufio.Scanner: token too long$/ })
})
