import assert from 'node:assert/strict'
import { test } from 'node:test'
import { anchorOf, mistakesIn, type Tree, unusedPictures } from './mistakes.ts'

const tree: Tree = {
  paths: new Set([
    ...['README.md', 'docs/', 'docs/flows/', 'docs/flows/run.md', 'docs/a.png', 'docs/b.png', 'packages/'],
    ...['packages/store/', 'packages/store/src/', 'packages/store/src/tar/', 'packages/store/src/tar/read.ts'],
  ]),
  words: new Set(['copyImage', 'FsContentStore', 'data-root', 'SLIPWAY_HOST']),
  scripts: new Set(['check']),
  anchors: (page) => new Set(page === 'README.md' ? [anchorOf('What works, what doesn’t')] : []),
}

const mistakes = (text: string, page = 'README.md'): readonly string[] => mistakesIn(page, text, tree)

test('mistakesIn() finds nothing wrong with what is there', () => {
  const text = [
    '[a flow](docs/flows/run.md), [the flows](docs/flows/), [above](#what-works-what-doesnt), [elsewhere](https://example.com)',
    '`packages/store/src/tar/read.ts`, `store/src/tar/`, `tar/read.ts`, `copyImage()`, `FsContentStore.list`',
    '`--data-root DIR`, `--test-skip-pattern=x`, `SLIPWAY_HOST`, `npm run check`, `--keep-…`, `x.test.ts`, `instructions/<name>.ts`',
    '```\npackages/\n  store/  bytes: tar/, kept\n```',
  ]
  assert.deepEqual(mistakes(text.join('\n')), [])
  assert.deepEqual(mistakes('[up](../../README.md#what-works-what-doesnt)', 'docs/flows/run.md'), [])
})

const wrong: Readonly<Record<string, string>> = {
  '[gone](docs/gone.md)': 'the link docs/gone.md leads nowhere',
  '[gone](#gone)': 'the link #gone leads nowhere',
  '`store/src/gone.ts`': 'no such path: store/src/gone.ts',
  '`gone/`': 'no such path: gone/',
  '`Store.gone()`': 'no such name in the code: Store.gone()',
  '`FsGoneStore`': 'no such name in the code: FsGoneStore',
  '`engine --gone`': 'no such setting: engine --gone',
  '`SLIPWAY_GONE=1`': 'no such variable: SLIPWAY_GONE=1',
  '```\nnpm run gone\n```': 'no such script: npm run gone',
  '```\npackages/\n  store/  tar/ gone/\n```': 'no such folder: packages/store/…/gone/',
  '```\npackages/\n  gone/\n```': 'no such folder: packages/gone/',
}

test('mistakesIn() tells of everything that is not there', () => {
  for (const [text, mistake] of Object.entries(wrong)) assert.deepEqual(mistakes(text), [mistake])
})

test('unusedPictures() finds pictures that no page shows', () => {
  const pages = new Map([['docs/flows/run.md', '![a](../a.png)']])
  assert.deepEqual(unusedPictures(pages, tree), ['docs/b.png'])
})
