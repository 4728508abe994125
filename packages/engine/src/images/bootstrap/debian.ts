import { invalid, messageOf, SlipwayError } from '@slipway/core'
import { findBinary } from '@slipway/linux'
import { type Archive, debianArchives } from './apt-sources.ts'
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

/**
 * What Debian's own images for containers have: no packages and no translations of the lists are kept, and dpkg doesn't wait for
 * the disk after each file, since a layer that isn't finished is nothing (dpkg(1), force-unsafe-io).
 */
const settings: Readonly<Record<string, string>> = {
  'etc/dpkg/dpkg.cfg.d/docker-apt-speedup': 'force-unsafe-io\n',
  'etc/apt/apt.conf.d/docker-clean':
    'DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin || true"; };\nDir::Cache::pkgcache "";\nDir::Cache::srcpkgcache "";\n',
  'etc/apt/apt.conf.d/docker-no-languages': 'Acquire::Languages "none";\n',
  'etc/apt/apt.conf.d/docker-gzip-indexes': 'Acquire::GzipIndexes "true";\n',
}

/** No service starts while a package is installed in a container (invoke-rc.d(8), policy-rc.d). */
const policy = '#!/bin/sh\nexit 101\n'

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

const hooks = (): readonly string[] => [
  ...Object.entries(settings).map(([path, text]) => `printf %s ${quoted(text)} > "$1/${path}"`),
  `printf %s ${quoted(policy)} > "$1/usr/sbin/policy-rc.d" && chmod 755 "$1/usr/sbin/policy-rc.d"`,
  `cd "$1" && rm -rf ${leftovers.join(' ')}`,
  // Empty means: make a new one at the first boot (machine-id(5)).
  'cd "$1" && if [ -e etc/machine-id ]; then : > etc/machine-id; fi && rm -f var/lib/dbus/machine-id',
]

/** The text of an archive's Release file; undefined when it has no such suite. */
const readRelease = async ({ uri, suite }: Archive, signal: AbortSignal | undefined): Promise<string | undefined> => {
  const url = `${uri}/dists/${suite}/Release`
  const answer = await fetch(url, signal ? { signal } : {}).catch((error: unknown) => {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
    throw new SlipwayError('unavailable', `Get "${url}": ${messageOf(cause)}`, { cause: error })
  })
  if (answer.status === 404) return undefined
  if (!answer.ok) throw new SlipwayError('unavailable', `Get "${url}": status ${answer.status}`)
  return answer.text()
}

interface Release {
  /** The archives that there are. */
  readonly archives: readonly Archive[]
  /**
   * When the suite itself was released: the time of everything in the image. That of its updates would change with
   * packages that aren't in it.
   */
  readonly createdAt: Date
}

const findRelease = async (suite: string, signal: AbortSignal | undefined): Promise<Release> => {
  const wanted = await debianArchives(suite)
  const releases = await Promise.all(wanted.map((archive) => readRelease(archive, signal)))
  const [main] = releases
  if (main === undefined)
    throw new SlipwayError('not-found', `there is no Debian suite "${suite}" at ${wanted[0]?.uri}`)
  const date = Date.parse(/^Date: (.+)$/m.exec(main)?.[1] ?? '')
  if (Number.isNaN(date)) throw new SlipwayError('unavailable', `the release of ${suite} has no date`)
  return { archives: wanted.filter((_, place) => releases[place] !== undefined), createdAt: new Date(date) }
}

/** What mmdebstrap says it is doing, without what only its author wants to know. */
const stepOf = (text: string): string | undefined => {
  const step = /^I: (.+)$/.exec(text)?.[1]
  return step === undefined || /hook|tempdir|tarball|automatically/.test(step) ? undefined : step
}

/** A minimal Debian of one suite, made by mmdebstrap from the mirror that the host itself uses. */
export const debianBase = async ({ tag: suite, report, signal }: BaseRequest): Promise<Base> => {
  if (!suitePattern.test(suite)) throw invalid(`invalid Debian suite "${suite}"`)
  if (suite === 'latest') throw invalid('which Debian? Name the suite, as in debian:bookworm')
  if (findBinary('mmdebstrap') === undefined) {
    throw new SlipwayError('unavailable', 'mmdebstrap is not installed: apt-get install mmdebstrap')
  }
  const { archives, createdAt } = await findRelease(suite, signal)
  report({ status: `Bootstrapping Debian ${suite} from ${archives[0]?.uri}` })
  const customize = hooks().map((hook) => `--customize-hook=${hook}`)
  const lines = archives.map((archive) => `deb ${archive.uri} ${archive.suite} main`)
  return {
    tar: run('mmdebstrap', ['--mode=root', '--variant=minbase', ...customize, suite, '-', ...lines], {
      environment: { SOURCE_DATE_EPOCH: String(createdAt.getTime() / 1000), LC_ALL: 'C.UTF-8' },
      signal,
      onLine: (text) => {
        const step = stepOf(text)
        if (step !== undefined) report({ status: step })
      },
    }),
    config: { Cmd: ['bash'], Env: [defaultPath] },
    createdAt,
    message: `bootstrapped from Debian ${suite}`,
  }
}
