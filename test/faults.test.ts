import assert from 'node:assert/strict'
import { chmod, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { controlGroupsOf } from './harness/census.ts'
import { TestEngine } from './harness/engine.ts'
import { eventually } from './harness/patience.ts'
import { isAlive, processesNaming } from './harness/processes.ts'
import { openScratch } from './harness/scratch.ts'

/** An OCI runtime whose `WORDS` fail, and that does all else as runc does. */
const brokenRuntime = (failing: string, words: string): string => `#!/bin/sh
for word; do
  case $word in ${failing}) echo "${words}" >&2; exit 1;; esac
done
exec runc "$@"
`

test('whatever a container or its runtime does', async (t) => {
  await using scratch = await openScratch()
  const runtimes = {
    uncreating: ['create', 'no room'],
    unstarting: ['start', 'no way'],
    undeleting: ['delete', 'no end'],
  }
  const args: string[] = []
  for (const [name, [failing = '', words = '']] of Object.entries(runtimes)) {
    const path = join(scratch.path, name)
    await writeFile(path, brokenRuntime(failing, words))
    await chmod(path, 0o755)
    args.push('--add-runtime', `${name}=${path}`)
  }
  await using engine = await TestEngine.start(scratch, { args })
  await engine.addBusybox()
  const client = engine.client()
  const inspect = (name: string, format: string) => client.ok(['inspect', '--format', format, name])
  const hasEnded = (name: string) =>
    eventually(`${name} has ended`, async () => (await inspect(name, '{{.State.Status}}')) === 'exited')
  const state = '{{.State.Status}} {{.State.ExitCode}} {{.State.Pid}}'

  await t.test('a fork bomb stays within its limit, and dies with its container', async () => {
    const bomb = 'bomb() { bomb | bomb & }; echo armed; bomb; sleep 1000'
    await client.ok(['run', '-d', '--name', 'bomb', '--pids-limit', '40', 'busybox', 'sh', '-c', bomb])
    const id = await inspect('bomb', '{{.Id}}')
    await eventually('it has begun', async () => (await client.ok(['logs', 'bomb'])).includes('armed'))
    const { text } = await engine.ask(`/containers/${id}/stats?stream=0&one-shot=1`)
    const { pids_stats: pids } = JSON.parse(text) as { pids_stats: { current: number; limit: number } }
    assert.equal(pids.limit, 40)
    assert.ok(pids.current <= 40, `${pids.current} processes`)
    await client.ok(['rm', '-f', 'bomb'])
    assert.deepEqual(await controlGroupsOf([id]), [])
  })

  await t.test('what takes more memory than it may have is killed, and said to be', async () => {
    const fill = ['--memory', '16m', '--memory-swap', '16m', 'busybox', 'sh', '-c', 'tail /dev/zero']
    const { code } = await client.run(['run', '--name', 'greedy', ...fill])
    assert.equal(code, 137)
    assert.equal(await inspect('greedy', '{{.State.OOMKilled}} {{.State.ExitCode}}'), 'true 137')
  })

  await t.test('a flood of output fills no more than the log may have', async () => {
    const limits = ['--log-opt', 'max-size=100k', '--log-opt', 'max-file=2']
    const flood = 'i=0; while [ $i -lt 40000 ]; do echo "line $i of a flood"; i=$((i+1)); done'
    await client.ok(['run', '-d', '--name', 'flood', ...limits, 'busybox', 'sh', '-c', flood])
    await hasEnded('flood')
    const path = await inspect('flood', '{{.LogPath}}')
    const files = (await readdir(join(path, '..'))).filter((name) => name.includes('-json.log'))
    assert.equal(files.length, 2)
    for (const name of files) assert.ok((await readFile(join(path, '..', name))).length <= 100_000)
    assert.equal(await client.ok(['logs', '--tail', '1', 'flood']), 'line 39999 of a flood')
  })

  await t.test('what ignores SIGTERM is killed after its time', async () => {
    const deaf = 'trap "" TERM; echo ready; while :; do sleep 1; done'
    await client.ok(['run', '-d', '--name', 'deaf', 'busybox', 'sh', '-c', deaf])
    await eventually('it is deaf', async () => (await client.ok(['logs', 'deaf'])) === 'ready')
    await client.ok(['stop', '-t', '1', 'deaf'])
    assert.equal(await inspect('deaf', state), 'exited 137 0')
  })

  await t.test(
    'what ends at once, again and again, ends with its code and is restarted as often as was said',
    async () => {
      for (let round = 0; round < 5; round += 1) {
        const { code } = await client.run(['run', '--rm', 'busybox', 'sh', '-c', `exit ${round}`])
        assert.equal(code, round)
      }
      await client.ok(['run', '-d', '--name', 'hasty', '--restart=on-failure:2', 'busybox', 'false'])
      const ended = async () => (await inspect('hasty', '{{.State.Status}} {{.RestartCount}}')) === 'exited 2'
      await eventually('it was restarted twice', ended)
    },
  )

  await t.test('what is killed from outside has ended with 137', async () => {
    await client.ok(['run', '-d', '--name', 'victim', 'busybox', 'sleep', '1000'])
    process.kill(Number(await inspect('victim', '{{.State.Pid}}')), 'SIGKILL')
    assert.equal(await client.ok(['wait', 'victim']), '137')
    assert.equal(await inspect('victim', state), 'exited 137 0')
  })

  await t.test('when its shim is killed the container ends, and can be started again', async () => {
    await client.ok(['run', '-d', '--name', 'orphan', '-p', '8080', 'busybox', 'sleep', '1000'])
    const pid = Number(await inspect('orphan', '{{.State.Pid}}'))
    const [, shim] = /^PPid:\s*(\d+)$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? []
    assert.match(await readFile(`/proc/${shim}/comm`, 'utf8'), /^containerd-shim/)
    process.kill(Number(shim), 'SIGKILL')
    await hasEnded('orphan')
    assert.equal(await inspect('orphan', state), 'exited 255 0')
    await eventually('its process is gone', () => !isAlive(pid))
    await client.ok(['start', 'orphan'])
    assert.equal(await client.ok(['exec', 'orphan', 'echo', 'here']), 'here')
    await client.ok(['rm', '-f', 'orphan'])
  })

  for (const [name, words] of [
    ['uncreating', /failed to create task for container/],
    ['unstarting', /failed to start task for container/],
  ] as const) {
    await t.test(`an OCI runtime that fails, ${name}, leaves nothing`, async () => {
      const { code, message } = await client.fails(['run', '--name', name, '--runtime', name, 'busybox', 'true'])
      assert.equal(code, 125)
      assert.match(message, words)
      assert.equal(await inspect(name, state), 'created 128 0')
      const id = await inspect(name, '{{.Id}}')
      assert.deepEqual(await controlGroupsOf([id]), [])
      assert.deepEqual(await readdir(join(engine.execRoot, 'containers')), [])
      await client.ok(['rm', name])
    })
  }

  await t.test('an OCI runtime that deletes nothing leaves nothing, either', async () => {
    const { code } = await client.run(['run', '--name', 'undeleting', '--runtime', 'undeleting', 'busybox', 'false'])
    assert.equal(code, 1)
    assert.equal(await inspect('undeleting', state), 'exited 1 0')
    const id = await inspect('undeleting', '{{.Id}}')
    await eventually('its control groups are gone', async () => (await controlGroupsOf([id])).length === 0)
    await client.ok(['rm', 'undeleting'])
  })

  await t.test('an OCI runtime that nobody added is refused in docker’s words', async () => {
    const { code, message } = await client.fails(['run', '--runtime', 'nobodys', 'busybox', 'true'])
    assert.equal(code, 125)
    assert.match(message, /unknown or invalid runtime name: nobodys/)
    const info = await client.ok(['info', '--format', '{{json .Runtimes}} {{.DefaultRuntime}}'])
    assert.match(info, /"uncreating"/)
    assert.match(info, / (crun|runc)$/)
  })

  await t.test('at the end only what waits for the next container is left', async () => {
    await engine.removeContainers()
    const shims = async () => await processesNaming([`-namespace slipway-${engine.bridge} `])
    await eventually('one spare shim', async () => (await shims()).length === 1)
    assert.deepEqual(await readdir(join(engine.execRoot, 'containers')), [])
  })
})
