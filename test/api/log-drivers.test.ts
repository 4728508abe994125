import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { glob, readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { TestEngine } from '../harness/engine.ts'
import { eventually } from '../harness/patience.ts'
import { openScratch } from '../harness/scratch.ts'

test('log drivers keep, rotate and forward what containers write', async (t) => {
  await using scratch = await openScratch()
  await using engine = await TestEngine.start(scratch)
  await engine.addBusybox()
  const docker = engine.client()
  const run = (name: string, options: readonly string[], script: string): Promise<string> =>
    docker.ok(['run', '--name', name, ...options, 'busybox', 'sh', '-c', script])

  await t.test('local: rotated, compressed, read from the end, found again after a kill -9', async () => {
    const options = ['-d', '--log-driver', 'local', '--log-opt', 'max-size=20k', '--log-opt', 'max-file=3']
    await run('local', options, 'seq 1 5000 | sed "s/^/line /"; exec sleep 1000')
    const last = (): Promise<string> => docker.ok(['logs', '--tail', '1', 'local'])
    await eventually('all is written', async () => (await last()) === 'line 5000')
    const files = await Array.fromAsync(glob(`${engine.dataRoot}/containers/*/local-logs/container.log*`))
    assert.ok(files.length >= 2 && files.length <= 4, files.join(' '))
    await engine.stopDaemon('SIGKILL')
    await engine.start()
    assert.equal(await last(), 'line 5000')
    const kept = (await docker.ok(['logs', 'local'])).split('\n').map((line) => Number(line.slice('line '.length)))
    assert.deepEqual(
      kept,
      Array.from(kept, (_, index) => 5000 - kept.length + 1 + index),
    )
    assert.equal(await docker.ok(['inspect', '--format', '[{{.LogPath}}]', 'local']), '[]')
  })

  await t.test('syslog: lines arrive with their tag, and docker logs shows them too', async () => {
    const collector = createSocket('udp4')
    t.after(() => collector.close())
    const lines: string[] = []
    collector.on('message', (bytes) => lines.push(bytes.toString()))
    collector.bind(0, '127.0.0.1')
    await once(collector, 'listening')
    const address = `syslog-address=udp://127.0.0.1:${(collector.address() as AddressInfo).port}`
    const options = ['--log-opt', address, '--log-opt', 'tag={{.Name}}', '--log-opt', 'syslog-format=rfc5424']
    await run('forwarded', ['--log-driver', 'syslog', ...options], 'echo out; echo err >&2')
    await eventually('both have come', () => lines.length === 2)
    assert.match(
      lines.find((line) => line.startsWith('<30>')) ?? '',
      /^<30>1 \S+Z \S+ forwarded \d+ forwarded - out\n$/,
    )
    assert.match(
      lines.find((line) => line.startsWith('<27>')) ?? '',
      /^<27>1 \S+Z \S+ forwarded \d+ forwarded - err\n$/,
    )
    const { stdout, stderr } = await docker.run(['logs', 'forwarded'])
    assert.deepEqual([stdout, stderr], ['out\n', 'err\n'])
    await run('unkept', ['--log-driver', 'syslog', '--log-opt', address, '--log-opt', 'cache-disabled=true'], 'true')
    const { message } = await docker.fails(['logs', 'unkept'])
    assert.match(message, /configured logging driver does not support reading/)
  })

  await t.test('json-file: labels, variables and a tag go with each line', async () => {
    const details = ['--log-opt', 'labels=app', '--log-opt', 'env=STAGE', '--log-opt', 'tag={{.ImageName}}']
    await run('detailed', ['--label', 'app=a b', '-e', 'STAGE=x', '--label', 'more=1', ...details], 'echo hello')
    assert.equal(await docker.ok(['logs', '--details', 'detailed']), 'STAGE=x,app=a+b,tag=busybox hello')
    const path = await docker.ok(['inspect', '--format', '{{.LogPath}}', 'detailed'])
    const line = JSON.parse(await readFile(path, 'utf8')) as { log: string; attrs: Record<string, string> }
    assert.deepEqual([line.log, line.attrs], ['hello\n', { app: 'a b', STAGE: 'x', tag: 'busybox' }])
  })

  for (const [options, words] of [
    ['--log-opt max-size=-1', "invalid size: '-1'"],
    ['--log-opt tag={{.Nosuch}}', "can't evaluate field {{.Nosuch}}"],
    ['--log-driver local --log-opt labels=a', "unknown log opt 'labels' for log driver local"],
    ['--log-driver syslog --log-opt syslog-address=http://x', "unsupported scheme: 'http'"],
    ['--log-opt max-buffer-size=1m', "max-buffer-size option is only supported with 'mode=non-blocking'"],
  ] as const) {
    await t.test(`${options} is refused`, async () => {
      const { message } = await docker.fails(['create', ...options.split(' '), 'busybox', 'true'])
      assert.ok(message.includes(words), message)
    })
  }
})
