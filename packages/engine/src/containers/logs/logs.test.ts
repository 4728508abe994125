import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, stat, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { ContainerLog } from './container-log.ts'
import { type LogEntry, timestamp } from './entry.ts'
import { FileSink, type LogLimits } from './file-sink.ts'
import type { LogFormat } from './format.ts'
import { frames } from './frames.ts'
import { jsonLines } from './json-lines.ts'
import { logQuery } from './query.ts'
import { type LogQuery, readLog } from './read.ts'

const scratch = async (): Promise<{ path: string } & AsyncDisposable> => {
  const directory = await mkdtemp(join(tmpdir(), 'swt-log-'))
  return {
    path: join(directory, 'container.log'),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
  }
}

const everything = (over: Partial<LogQuery> = {}): LogQuery => ({
  streams: new Set(['stdout', 'stderr']),
  tail: undefined,
  since: undefined,
  until: undefined,
  follow: false,
  signal: new AbortController().signal,
  ...over,
})

const texts = async (entries: AsyncIterable<LogEntry>): Promise<readonly string[]> =>
  (await Array.fromAsync(entries)).map(({ log }) => log)

const write = (log: ContainerLog, ...lines: readonly string[]): void => {
  for (const line of lines) log.append('stdout', Buffer.from(line))
}

const unbounded: LogLimits = { maxSize: Number.POSITIVE_INFINITY, maxFiles: 1, compress: false }

/** What every form of log does. */
const logSuite = (name: string, format: LogFormat): void => {
  const openLog = (path: string, limits: Partial<LogLimits> = {}): ContainerLog =>
    new ContainerLog([new FileSink(path, { format, limits: { ...unbounded, ...limits } })])

  test(`${name}: a log gives back lines as they were written, however the bytes were cut`, async () => {
    await using place = await scratch()
    {
      using log = openLog(place.path)
      write(log, 'on', 'e\ntwo\nthr', 'ee\n')
      log.append('stderr', Buffer.from('error\n'))
      write(log, 'no newline')
    }
    assert.deepEqual(await texts(readLog({ path: place.path, format }, everything(), undefined)), [
      'one\n',
      'two\n',
      'three\n',
      'error\n',
      'no newline',
    ])
  })

  test(`${name}: a line longer than 16 KiB is split there, without cutting a character`, async () => {
    await using place = await scratch()
    {
      using log = openLog(place.path)
      write(log, `${'é'.repeat(20_000)}\n`)
    }
    const parts = await texts(readLog({ path: place.path, format }, everything(), undefined))
    assert.equal(parts.join(''), `${'é'.repeat(20_000)}\n`)
    assert.ok(parts.length === 3 && parts.every((part) => Buffer.byteLength(part) <= 16 * 1024))
  })

  test(`${name}: tail counts from the end, across rotated files`, async () => {
    await using place = await scratch()
    {
      using log = openLog(place.path, { maxSize: 400, maxFiles: 4 })
      for (let n = 0; n < 20; n += 1) write(log, `line ${n}\n`)
    }
    const all = await texts(readLog({ path: place.path, format }, everything(), undefined))
    assert.deepEqual(all.at(-1), 'line 19\n')
    for (const tail of [0, 1, 5, 9]) {
      const last = await texts(readLog({ path: place.path, format }, everything({ tail }), undefined))
      assert.deepEqual(last, tail === 0 ? [] : all.slice(-tail))
    }
  })

  test(`${name}: rotation keeps no more files than it may`, async () => {
    await using place = await scratch()
    {
      using log = openLog(place.path, { maxSize: 300, maxFiles: 3 })
      for (let n = 0; n < 50; n += 1) write(log, `line ${n}\n`)
    }
    assert.equal((await readdir(join(place.path, '..'))).length, 3)
  })

  test(`${name}: no file is larger than it may be, however much is read at once`, async () => {
    await using place = await scratch()
    {
      using log = openLog(place.path, { maxSize: 5000, maxFiles: 3 })
      write(log, Array.from({ length: 2000 }, (_, n) => `line ${n}\n`).join(''))
    }
    const directory = dirname(place.path)
    for (const file of await readdir(directory)) assert.ok((await stat(join(directory, file))).size <= 5000, file)
  })

  test(`${name}: following sees what comes later, through rotation, and ends with the log`, async () => {
    await using place = await scratch()
    const log = openLog(place.path, { maxSize: 350, maxFiles: 5 })
    const closed = new AbortController()
    write(log, 'before\n')
    const followed = texts(
      readLog({ path: place.path, format }, everything({ follow: true }), { log, closed: closed.signal }),
    )
    for (let n = 0; n < 12; n += 1) {
      await delay(5)
      write(log, `line ${n}\n`)
    }
    log[Symbol.dispose]()
    closed.abort()
    assert.deepEqual(await followed, ['before\n', ...Array.from({ length: 12 }, (_, n) => `line ${n}\n`)])
  })

  test(`${name}: since and until compare times, and streams are chosen`, async () => {
    await using place = await scratch()
    using log = openLog(place.path)
    write(log, 'early\n')
    await delay(5)
    const between = timestamp()
    await delay(5)
    write(log, 'late\n')
    log.append('stderr', Buffer.from('late error\n'))
    assert.deepEqual(await texts(readLog({ path: place.path, format }, everything({ since: between }), undefined)), [
      'late\n',
      'late error\n',
    ])
    assert.deepEqual(await texts(readLog({ path: place.path, format }, everything({ until: between }), undefined)), [
      'early\n',
    ])
    assert.deepEqual(
      await texts(readLog({ path: place.path, format }, everything({ streams: new Set(['stderr']) }), undefined)),
      ['late error\n'],
    )
  })

  test(`${name}: rotated files are compressed, and read all the same`, async () => {
    await using place = await scratch()
    {
      using log = openLog(place.path, { maxSize: 2000, maxFiles: 3, compress: true })
      const files = (): Promise<readonly string[]> => readdir(dirname(place.path))
      const has = async (end: string): Promise<boolean> => (await files()).some((file) => file.endsWith(end))
      for (let n = 0; n < 500 || !(await has('.gz')); n += 1) {
        write(log, `line ${n} ${'x'.repeat(40)}\n`)
        // Faster than anything is compressed, and then slower.
        while (n >= 500 && (await has('.gz-new'))) await delay(5)
      }
      assert.ok((await files()).length <= 4)
    }
    const all = await texts(readLog({ path: place.path, format }, everything(), undefined))
    const numbers = all.map((line) => Number(line.split(' ')[1]))
    assert.deepEqual(
      numbers,
      numbers.map((_, index) => (numbers[0] ?? 0) + index),
    )
    assert.deepEqual(
      await texts(readLog({ path: place.path, format }, everything({ tail: all.length - 3 }), undefined)),
      all.slice(3),
    )
  })

  test(`${name}: what a full disk or a power cut tore is passed over`, async () => {
    await using place = await scratch()
    for (const line of ['one\n', 'two\n']) {
      using log = openLog(place.path)
      write(log, line)
    }
    await truncate(place.path, (await stat(place.path)).size - 3)
    assert.deepEqual(await texts(readLog({ path: place.path, format }, everything(), undefined)), ['one\n'])
  })
}

logSuite('json-file', jsonLines({ tag: 'a "tag"' }))
logSuite('local', frames)

test('logQuery() wants a stream, and reads times and counts as docker does', () => {
  const { signal } = new AbortController()
  assert.throws(() => logQuery(new URLSearchParams(), signal), { code: 'invalid' })
  const query = logQuery(new URLSearchParams('stdout=1&tail=all&since=1700000000.5&until=0&follow=true'), signal)
  assert.equal(query.tail, undefined)
  assert.equal(query.since, '2023-11-14T22:13:20.500000000Z')
  assert.equal(query.until, undefined)
  assert.equal(query.follow, true)
  assert.throws(() => logQuery(new URLSearchParams('stdout=1&since=yesterday'), signal), { code: 'invalid' })
})
