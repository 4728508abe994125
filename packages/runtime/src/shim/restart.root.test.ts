import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Bundle, Task } from '@slipway/core'
import { reopenStdio } from '../stdio/open.ts'
import { BusyboxHost } from '../testing/busybox.ts'

const daemonFile = fileURLToPath(new URL('../testing/daemon.ts', import.meta.url))

/** Runs `script` under a daemon of its own, and kills that once it has passed `enough` on. */
const underKilledDaemon = async (host: BusyboxHost, script: string, enough: RegExp) => {
  const daemon = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', daemonFile, host.directory, script],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const said = await outputUntil(daemon, enough)
  daemon.kill('SIGKILL')
  await once(daemon, 'close')
  const [head = '', ...rest] = said.all().split('\n')
  const { bundle, pid } = JSON.parse(head) as { bundle: Bundle; pid: number }
  host.bundle(bundle.id)
  return { bundle, pid, output: rest.join('\n') }
}

const outputUntil = async (daemon: ChildProcess, enough: RegExp) => {
  let output = ''
  await new Promise<void>((resolve, reject) => {
    daemon.once('exit', (code) => reject(new Error(`daemon ended with ${code}: ${output}`)))
    daemon.stdout?.on('data', (chunk) => {
      output += chunk
      if (enough.test(output)) resolve()
    })
  })
  return { all: () => output }
}

/** A shell script that runs `command`, and goes on once it got SIGUSR1. */
const untilTold = (command: string): string =>
  `lines() { for i in $(seq $1 $2); do echo line $i; done; }; trap told=1 USR1; ${command}; while [ -z "$told" ]; do sleep 0.02; done`

const loaded = async (host: BusyboxHost, bundle: Bundle): Promise<Task> => {
  const task = await host.runtime.load(bundle)
  assert.ok(task !== undefined)
  return task
}

test('a daemon that was killed finds its container again, with all it wrote meanwhile', async () => {
  await using host = await BusyboxHost.open()
  const script = `trap "exit 5" TERM; ${untilTold('lines 1 10')}; lines 11 40; while true; do sleep 0.02; done`
  const { bundle, pid, output } = await underKilledDaemon(host, script, /line 10\n/)
  process.kill(pid, 'SIGUSR1')
  const task = await loaded(host, bundle)
  assert.equal(task.pid, pid)
  assert.equal(await task.state(), 'running')
  const stdio = reopenStdio({ directory: join(bundle.path, 'io'), stdin: false, terminal: false })
  let rest = ''
  for await (const chunk of stdio.stdout.stream()) {
    rest += chunk
    if (rest.endsWith('line 40\n')) await task.kill(15)
  }
  assert.equal((await task.wait()).exitCode, 5)
  const expected = Array.from({ length: 40 }, (_, index) => `line ${index + 1}\n`).join('')
  assert.equal(output + rest, expected)
  await task.delete()
})

test('what a container wrote before it ended without a daemon is still there', async () => {
  await using host = await BusyboxHost.open()
  const script = `${untilTold('echo first')}; echo last; exit 6`
  const { bundle, pid, output } = await underKilledDaemon(host, script, /first\n/)
  process.kill(pid, 'SIGUSR1')
  while (!isDead(pid)) await sleep(20)
  const task = await loaded(host, bundle)
  assert.equal(await task.state(), 'stopped')
  const stdio = reopenStdio({ directory: join(bundle.path, 'io'), stdin: false, terminal: false })
  assert.equal(output + (await text(stdio.stdout.stream())), 'first\nlast\n')
  assert.equal((await task.wait()).exitCode, 6)
  await task.delete()
})

test('a dead shim: wait() tells 255, delete() takes everything away, load() finds nothing', async () => {
  await using host = await BusyboxHost.open()
  const { bundle, task } = await host.create(['sleep', '100'])
  await task.start()
  const ended = task.wait()
  const shim = shimOf(task.pid)
  process.kill(shim, 'SIGKILL')
  assert.equal((await ended).exitCode, 255)
  assert.equal(await task.state(), 'stopped')
  assert.equal(await host.runtime.load(bundle), undefined)
  await task.delete()
  assert.ok(isDead(task.pid))
})

test('cleanup() ends a running container, and has nothing to say where nothing is', async () => {
  await using host = await BusyboxHost.open()
  const { bundle, task } = await host.create(['sleep', '100'])
  await task.start()
  await host.runtime.cleanup(bundle)
  assert.ok(isDead(task.pid))
  await host.runtime.cleanup(bundle)
  await host.runtime.cleanup(host.bundle('never-there'))
})

test('cleanup() ends a container that is paused, and one whose shim is dead', async () => {
  await using host = await BusyboxHost.open()
  const paused = await host.create(['sleep', '100'])
  await paused.task.start()
  await paused.task.pause()
  await host.runtime.cleanup(paused.bundle)
  assert.ok(isDead(paused.task.pid))
  const orphan = await host.create(['sleep', '100'])
  await orphan.task.start()
  process.kill(shimOf(orphan.task.pid), 'SIGKILL')
  await host.runtime.cleanup(orphan.bundle)
  assert.ok(isDead(orphan.task.pid))
})

test('delete() gives back what was created and never started', async () => {
  await using host = await BusyboxHost.open()
  const { bundle, task } = await host.create(['true'])
  await task.delete()
  assert.ok(isDead(task.pid))
  assert.equal(await host.runtime.load(bundle), undefined)
})

const statusOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8')
  } catch {
    return ''
  }
}

const shimOf = (pid: number): number => Number(/^PPid:\s*(\d+)$/m.exec(statusOf(pid))?.[1])

/** Gone, or dead and waiting for a slow init to take notice. */
const isDead = (pid: number): boolean => /^State:\s*Z/m.test(statusOf(pid)) || statusOf(pid) === ''
