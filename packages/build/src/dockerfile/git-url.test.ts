import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type GitUrl, isGit, parseGitUrl } from './git-url.ts'

const urls: readonly (readonly [text: string, expected: GitUrl])[] = [
  ['https://example.com/a/b.git', { remote: 'https://example.com/a/b.git' }],
  ['https://example.com/b.git#v1', { remote: 'https://example.com/b.git', ref: 'v1' }],
  ['https://example.com/b.git#v1:docs/x', { remote: 'https://example.com/b.git', ref: 'v1', subdirectory: 'docs/x' }],
  ['git://h/b?tag=refs/tags/v1&commit=abc', { remote: 'git://h/b', ref: 'refs/tags/v1', checksum: 'abc' }],
  ['git://h/b?ref=x&subdir=d&keep-git-dir#x:d', { remote: 'git://h/b', ref: 'x', subdirectory: 'd', keepGitDir: true }],
  ['git@example.com:a/b.git#:docs', { remote: 'git@example.com:a/b.git', subdirectory: 'docs' }],
  [
    'git://example.com/b?branch=main&subdir=x&checksum=abcdef0&keep-git-dir=1&submodules=false',
    {
      remote: 'git://example.com/b',
      ref: 'refs/heads/main',
      subdirectory: 'x',
      checksum: 'abcdef0',
      keepGitDir: true,
      submodules: false,
    },
  ],
]

test('a git URL is read with its ref and directory', () => {
  for (const [text, expected] of urls) {
    assert.ok(isGit(text), text)
    assert.deepEqual(parseGitUrl(text), expected, text)
  }
})

test('other sources are no git', () => {
  for (const text of ['a.git', './x', 'https://example.com/a.tar', 'https://example.com/a.git/file', 'a@b']) {
    assert.ok(!isGit(text), text)
  }
})

test('what could be an option of git, or says two things, is refused', () => {
  assert.throws(() => parseGitUrl('git://h/x#--upload-pack=evil'), /invalid git ref/)
  for (const [query, message] of [
    ['?ref=a&tag=b', 'ref conflicts: "a" vs "refs/tags/b"'],
    ['?ref=a#b', 'ref conflicts: "b" vs "a"'],
    ['?subdir=a#:b', 'subdir conflicts: "b" vs "a"'],
    ['?tag=a&branch=a', 'branch conflicts with tag'],
    ['?depth=3', 'unexpected query "depth"'],
    ['?ref=a&ref=a', 'query "ref" has multiple values'],
    ['?ref=', 'query "ref" has no value'],
    ['?keep-git-dir=no', 'invalid keep-git-dir value: "no"'],
    ['?submodules=2', 'invalid submodules value: "2"'],
  ] as const) {
    assert.throws(() => parseGitUrl(`git://h/x${query}`), { message, code: 'invalid' })
  }
})
