import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { debianArchives, parseAptSources } from './apt-sources.ts'

test('parseAptSources() reads both styles', () => {
  const lines =
    '# deb http://off/debian x main\ndeb [signed-by=/k] http://a.example/debian/ bookworm main\ndeb-src http://s x'
  assert.deepEqual(parseAptSources(lines, 'list'), [{ uri: 'http://a.example/debian', suites: ['bookworm'] }])
  const stanzas =
    'Types: deb\nURIs: http://b.example/debian\nSuites: trixie trixie-updates\n\nTypes: deb-src\nURIs: http://c\n\n' +
    'Enabled: no\nTypes: deb\nURIs: http://d\nSuites: x\n'
  assert.deepEqual(parseAptSources(stanzas, 'sources'), [
    { uri: 'http://b.example/debian', suites: ['trixie', 'trixie-updates'] },
  ])
})

test('debianArchives() takes the mirror of the suite, then any of Debian’s, then the public one', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'swt-apt-'))
  t.after(() => rm(root, { recursive: true, force: true }))
  const at = async (suite: string) => (await debianArchives(suite, root)).map(({ uri, suite }) => `${uri} ${suite}`)
  const security = 'http://deb.debian.org/debian-security'
  assert.deepEqual(await at('bookworm'), [
    'http://deb.debian.org/debian bookworm',
    'http://deb.debian.org/debian bookworm-updates',
    `${security} bookworm-security`,
  ])
  await mkdir(join(root, 'sources.list.d'))
  const tool = 'deb http://x.example/tool bookworm main'
  await writeFile(join(root, 'sources.list'), `deb http://one.example/debian bookworm main\n${tool}\n`)
  const two = 'Types: deb\nURIs: http://two.example/debian\nSuites: trixie\n'
  await writeFile(join(root, 'sources.list.d/two.sources'), two)
  assert.equal((await at('bookworm'))[0], 'http://one.example/debian bookworm')
  assert.deepEqual(await at('trixie'), [
    'http://two.example/debian trixie',
    'http://one.example/debian trixie-updates',
    `${security} trixie-security`,
  ])
})
