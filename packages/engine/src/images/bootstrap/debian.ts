import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { invalid, messageOf, SlipwayError } from '@slipway/core'
import { findBinary } from '@slipway/linux'
import { debianMirror } from './apt-sources.ts'
import { type Base, type BaseRequest, defaultPath } from './base.ts'
import { run } from './run.ts'

const suitePattern = /^[a-z][a-z0-9-]{1,40}$/

/** What would differ from one run to the next, or is of no use in an image. */
const leftovers: readonly string[] = [
  'var/lib/apt/lists/*',
  'var/cache/apt/*.bin',
  'var/cache/apt/archives/*.deb',
  'var/cache/debconf/*-old',
  'var/cache/ldconfig/aux-cache',
  'var/lib/dpkg/*-old',
  'var/log/apt/*',
  'var/log/*.log',
  'var/log/alternatives.log',
  'var/lib/systemd/catalog/database',
  'tmp/*',
  'run/*',
  'etc/hostname',
  'etc/resolv.conf',
]

/** Debian's advice for containers: keep no packages, no translations of the lists, install nothing that is only recommended. */
const aptConfig: Readonly<Record<string, string>> = {
  'docker-clean':
    'DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin || true"; };\nDir::Cache::pkgcache "";\nDir::Cache::srcpkgcache "";\n',
  'docker-no-languages': 'Acquire::Languages "none";\n',
  'docker-gzip-indexes': 'Acquire::GzipIndexes "true";\n',
}

/** No service starts while a package is installed in a container (invoke-rc.d(8), policy-rc.d). */
const policy = '#!/bin/sh\nexit 101\n'

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

const hooks = (): readonly string[] => [
  ...Object.entries(aptConfig).map(([name, text]) => `printf %s ${quoted(text)} > "$1/etc/apt/apt.conf.d/${name}"`),
  `printf %s ${quoted(policy)} > "$1/usr/sbin/policy-rc.d" && chmod 755 "$1/usr/sbin/policy-rc.d"`,
  `cd "$1" && rm -rf ${leftovers.join(' ')}`,
  // Empty means: make a new one at the first boot (machine-id(5)).
  'cd "$1" && if [ -e etc/machine-id ]; then : > etc/machine-id; fi && rm -f var/lib/dbus/machine-id',
]

/** When the suite was last released: all of its times are set to this. */
const releaseTime = async (mirror: string, suite: string, signal: AbortSignal | undefined): Promise<Date> => {
  const url = `${mirror}/dists/${suite}/Release`
  const answer = await fetch(url, signal ? { signal } : {}).catch((error: unknown) => {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
    throw new SlipwayError('unavailable', `Get "${url}": ${messageOf(cause)}`, { cause: error })
  })
  if (answer.status === 404) throw new SlipwayError('not-found', `there is no Debian suite "${suite}" at ${mirror}`)
  if (!answer.ok) throw new SlipwayError('unavailable', `Get "${url}": status ${answer.status}`)
  const date = Date.parse(/^Date: (.+)$/m.exec(await answer.text())?.[1] ?? '')
  if (Number.isNaN(date)) throw new SlipwayError('unavailable', `${url} has no date`)
  return new Date(date)
}

/** A minimal Debian of one suite, made by mmdebstrap from the mirror that the host itself uses. */
export const debianBase = async ({ tag: suite, report, signal }: BaseRequest): Promise<Base> => {
  if (!suitePattern.test(suite)) throw invalid(`invalid Debian suite "${suite}"`)
  if (suite === 'latest') throw invalid('which Debian? Name the suite, as in debian:bookworm')
  if (findBinary('mmdebstrap') === undefined) {
    throw new SlipwayError('unavailable', 'mmdebstrap is not installed: apt-get install mmdebstrap')
  }
  const mirror = await debianMirror(suite)
  report({ status: `Bootstrapping Debian ${suite} from ${mirror}` })
  const createdAt = await releaseTime(mirror, suite, signal)
  const directory = await mkdtemp(join(tmpdir(), 'slipway-bootstrap-'))
  const remove = (): Promise<void> => rm(directory, { recursive: true, force: true })
  try {
    const tar = join(directory, 'root.tar')
    const customize = hooks().map((hook) => `--customize-hook=${hook}`)
    await run('mmdebstrap', ['--mode=root', '--variant=minbase', ...customize, suite, tar, mirror], {
      environment: { SOURCE_DATE_EPOCH: String(createdAt.getTime() / 1000), TMPDIR: directory, LC_ALL: 'C.UTF-8' },
      signal,
      onLine: (text) => {
        const step = /^I: (.+)$/.exec(text)?.[1]
        if (step !== undefined) report({ status: step })
      },
    })
    return {
      tar: createReadStream(tar, { highWaterMark: 1 << 20 }),
      config: { Cmd: ['bash'], Env: [defaultPath] },
      createdAt,
      message: `bootstrapped from Debian ${suite}`,
      [Symbol.asyncDispose]: remove,
    }
  } catch (error) {
    await remove()
    throw error
  }
}
