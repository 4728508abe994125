import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../../../../../bin/slipway.ts', import.meta.url))

const place = (t: TestContext): { root: string; slipway: (...words: string[]) => ReturnType<typeof spawnSync> } => {
  const root = mkdtempSync(join(tmpdir(), 'swt-service-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  mkdirSync(join(root, 'etc'))
  writeFileSync(join(root, 'etc/group'), 'ships:x:4242:\n')
  const env = { PATH: process.env['PATH'], HOME: root, DOCKER_CONFIG: join(root, 'docker') }
  const slipway = (...words: string[]) =>
    spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', '--', program, ...words], {
      env,
      encoding: 'utf8',
    })
  return { root, slipway }
}

test('service install writes a unit that systemd takes and a context; uninstall takes both away', (t) => {
  const { root, slipway } = place(t)
  const installed = slipway('service', 'install', '--root', root, '--group', 'ships', '--', '--data-root', '/srv/a b')
  assert.equal(installed.status, 0, String(installed.stderr))
  const path = join(root, 'etc/systemd/system/slipway.service')
  const unit = readFileSync(path, 'utf8')
  assert.match(unit, /--group ships --data-root "\/srv\/a b"$/m)
  assert.ok(statSync(/^ExecStart=(\S+)/m.exec(unit)?.[1] ?? '').mode & 0o100)
  assert.deepEqual(readdirSync(join(root, 'etc/systemd/system/multi-user.target.wants')), ['slipway.service'])
  // Machines without systemd have nothing to ask.
  const verified = spawnSync('systemd-analyze', ['verify', path], { encoding: 'utf8' })
  if (verified.error === undefined) assert.equal(verified.stderr.includes('slipway.service:'), false, verified.stderr)
  assert.match(
    String(slipway('context', 'ls').stdout),
    /^slipway +Slipway engine +unix:\/\/\/run\/slipway\/slipway\.sock/m,
  )
  const removed = slipway('service', 'uninstall', '--root', root)
  assert.equal(removed.status, 0, String(removed.stderr))
  assert.deepEqual(readdirSync(join(root, 'etc/systemd/system')), ['multi-user.target.wants'])
  assert.equal(slipway('context', 'ls', '-q').stdout, 'default\n')
})

test('service install refuses a group that is not there', (t) => {
  const { root, slipway } = place(t)
  const { status, stderr } = slipway('service', 'install', '--root', root, '--group', 'nobody-has-it')
  assert.equal(status, 1)
  assert.match(String(stderr), /group nobody-has-it not found/)
})
