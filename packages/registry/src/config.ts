import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { hasErrno, invalid } from '@slipway/core'
import { parseAddress } from '@slipway/http'
import type { Visibility } from './access/visibility.ts'
import type { CheckOptions } from './check/check.ts'
import { parseDuration } from './duration.ts'
import type { Rates } from './limits/limits.ts'
import { parseRate } from './limits/rate-limit.ts'
import type { Retention } from './metadata/retention.ts'
import { placeSettings, placesFrom } from './place-settings.ts'
import type { Places } from './places.ts'
import type { RegistrySettings } from './registry.ts'
import { type SignInSettings, signInFrom, signInSettings } from './sign-in/settings.ts'
import { parseSize } from './size.ts'
import type { CertificateFiles } from './tls/certificate.ts'
import { auditFlags, readAuditFlags } from './verbs/audit.ts'
import { readCheckFlags } from './verbs/check.ts'
import type { Administration } from './verbs/verb.ts'

export interface RegistryConfig extends Places {
  readonly listen: { readonly host: string; readonly port: number }
  readonly debug: boolean
  readonly settings: RegistrySettings
  readonly signIn: SignInSettings
  readonly tls: CertificateFiles | undefined
  readonly allowPlainHttp: boolean
  readonly rates: Rates
  readonly metrics: boolean
  readonly traces: string | undefined
  readonly keepAuditMs: number
  readonly webhooks: { readonly allowPrivate: boolean }
  readonly retention: Retention
  /** Between two passes of the garbage collector. */
  readonly collectEveryMs: number
  /** Between two runs of a project's retention rules. */
  readonly retainEveryMs: number
}

interface Setting {
  readonly type: 'string' | 'boolean'
  readonly environment: string
  readonly fallback: string | boolean
  readonly about: string
}

/** Every setting: as a flag (`--data-root`), in the environment, and as a key of the config file, in that order. */
export const settings = {
  listen: {
    type: 'string',
    environment: 'SLIPWAY_REGISTRY_LISTEN',
    fallback: '127.0.0.1:5000',
    about: 'address and port to listen on',
  },
  ...placeSettings,
  ...signInSettings,
  'gc-interval': {
    type: 'string',
    environment: 'SLIPWAY_REGISTRY_GC_INTERVAL',
    fallback: '1m',
    about: 'rest between two passes of the garbage collector',
  },
  'retention-interval': {
    type: 'string',
    environment: 'SLIPWAY_REGISTRY_RETENTION_INTERVAL',
    fallback: '24h',
    about: 'how often the retention rules of a project are applied',
  },
  'keep-unreferenced': {
    type: 'string',
    environment: 'SLIPWAY_REGISTRY_KEEP_UNREFERENCED',
    fallback: '24h',
    about: 'how long pushed blobs may wait for their manifest',
  },
  'keep-untagged': {
    type: 'string',
    environment: 'SLIPWAY_REGISTRY_KEEP_UNTAGGED',
    fallback: '30d',
    about: 'how long manifests stay that no tag, index or subject holds',
  },
  'keep-dangling': {
    type: 'string',
    environment: 'SLIPWAY_REGISTRY_KEEP_DANGLING',
    fallback: '7d',
    about: 'how long referrers outlive their subject',
  },
  'keep-bytes': {
    type: 'string',
    environment: 'SLIPWAY_REGISTRY_KEEP_BYTES',
    fallback: '15m',
    about: 'how long bytes outlive their blob, for those who are reading them',
  },
  'keep-trash': {
    type: 'string',
    environment: 'SLIPWAY_REGISTRY_KEEP_TRASH',
    fallback: '7d',
    about: 'how long what was deleted can be undeleted',
  },
  visibility: {
    type: 'string',
    environment: 'SLIPWAY_REGISTRY_VISIBILITY',
    fallback: 'public',
    about: 'whether everyone may pull from repositories that nobody made public or private',
  },
  projects: {
    type: 'string',
    environment: 'SLIPWAY_REGISTRY_PROJECTS',
    fallback: 'everyone',
    about: 'who may make projects: everyone with an account, or managers (and each the one of their own name)',
  },
  'project-quota': {
    type: 'string',
    environment: 'SLIPWAY_REGISTRY_PROJECT_QUOTA',
    fallback: '0',
    about: 'how much a new project may hold: 10GB; 0 for no limit',
  },
  'identity-tokens': {
    type: 'boolean',
    environment: 'SLIPWAY_REGISTRY_IDENTITY_TOKENS',
    fallback: false,
    about: 'give refresh tokens to clients that ask for them (docker does; podman then refuses to log in)',
  },
  'tls-cert': {
    type: 'string',
    environment: 'SLIPWAY_REGISTRY_TLS_CERT',
    fallback: '',
    about: 'certificate (PEM, with those between), read again when it changes; without one: plain HTTP',
  },
  'tls-key': {
    type: 'string',
    environment: 'SLIPWAY_REGISTRY_TLS_KEY',
    fallback: '',
    about: "the certificate's private key (PEM)",
  },
  'allow-plain-http': {
    type: 'boolean',
    environment: 'SLIPWAY_REGISTRY_ALLOW_PLAIN_HTTP',
    fallback: false,
    about: 'without TLS, listen also where others can reach it',
  },
  'behind-proxy': {
    type: 'boolean',
    environment: 'SLIPWAY_REGISTRY_BEHIND_PROXY',
    fallback: false,
    about: 'believe X-Forwarded-For: a proxy writes it, and nobody gets past that',
  },
  'request-limit': {
    type: 'string',
    environment: 'SLIPWAY_REGISTRY_REQUEST_LIMIT',
    fallback: '0',
    about: 'requests of an account, or of a stranger at one address: 1000/1m; 0 for no limit',
  },
  'pull-limit': {
    type: 'string',
    environment: 'SLIPWAY_REGISTRY_PULL_LIMIT',
    fallback: '0',
    about: 'manifests that one may fetch: 100/6h; 0 for no limit',
  },
  'access-log': {
    type: 'boolean',
    environment: 'SLIPWAY_REGISTRY_ACCESS_LOG',
    fallback: false,
    about: 'log every answer',
  },
  'audit-pulls': {
    type: 'boolean',
    environment: 'SLIPWAY_REGISTRY_AUDIT_PULLS',
    fallback: false,
    about: 'the audit remembers also who pulled what',
  },
  'keep-audit': {
    type: 'string',
    environment: 'SLIPWAY_REGISTRY_KEEP_AUDIT',
    fallback: '90d',
    about: 'how long it is remembered who did what',
  },
  'no-metrics': {
    type: 'boolean',
    environment: 'SLIPWAY_REGISTRY_NO_METRICS',
    fallback: false,
    about: 'no figures for Prometheus at /metrics',
  },
  traces: {
    type: 'string',
    environment: 'SLIPWAY_REGISTRY_TRACES',
    fallback: '',
    about: 'where an OpenTelemetry collector takes traces (OTLP, HTTP): http://127.0.0.1:4318',
  },
  'webhooks-private': {
    type: 'boolean',
    environment: 'SLIPWAY_REGISTRY_WEBHOOKS_PRIVATE',
    fallback: false,
    about: 'webhooks may reach this machine and its networks',
  },
  debug: { type: 'boolean', environment: 'SLIPWAY_REGISTRY_DEBUG', fallback: false, about: 'log more' },
} as const satisfies Record<string, Setting>

type Name = keyof typeof settings
const names = Object.keys(settings) as readonly Name[]

export const defaultConfigFile = '/etc/slipway/registry.json'

const visibilityFrom = (text: string): Visibility => {
  if (text !== 'public' && text !== 'private')
    throw invalid(`invalid visibility ${JSON.stringify(text)}: public or private`)
  return text
}

const makersFrom = (text: string): RegistrySettings['projects'] => {
  if (text !== 'everyone' && text !== 'managers')
    throw invalid(`invalid makers of projects ${JSON.stringify(text)}: everyone or managers`)
  return text
}

const certificateFrom = (certificate: string, key: string): CertificateFiles | undefined => {
  if (certificate === '' && key === '') return undefined
  if (certificate === '' || key === '')
    throw invalid('a certificate and its key come together: --tls-cert and --tls-key')
  return { certificate, key }
}

const endpointFrom = (text: string): string | undefined => {
  if (text === '') return undefined
  if (!/^https?:\/\//.test(text) || !URL.canParse(text))
    throw invalid(`invalid address of a collector: ${JSON.stringify(text)}`)
  return text
}

const readConfigFile = async (path: string, required: boolean): Promise<Readonly<Record<string, unknown>>> => {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (hasErrno(error, 'ENOENT') && !required) return {}
    throw invalid(`can't read the config file ${path}: ${error instanceof Error ? error.message : error}`, error)
  }
  let file: Record<string, unknown>
  try {
    file = JSON.parse(text)
  } catch (error) {
    throw invalid(`${path} is not valid JSON: ${error instanceof Error ? error.message : error}`, error)
  }
  const unknown = Object.keys(file).find((name) => !Object.hasOwn(settings, name))
  if (unknown !== undefined) throw invalid(`${path}: there is no setting ${JSON.stringify(unknown)}`)
  const wrong = names.find((name) => file[name] !== undefined && typeof file[name] !== settings[name].type)
  if (wrong !== undefined) throw invalid(`${path}: ${wrong} must be a ${settings[wrong].type}`)
  return file
}

const fromEnvironment = (name: Name, environment: NodeJS.ProcessEnv): string | boolean | undefined => {
  const text = environment[settings[name].environment]
  if (text === undefined || settings[name].type === 'string') return text
  return text === '1' || text === 'true'
}

export interface CommandLine {
  readonly config: RegistryConfig
  readonly words: readonly string[]
  readonly help: boolean
  readonly passwordStdin: boolean
  readonly check: CheckOptions
  readonly audit: Administration['audit']
}

const flags = {
  ...Object.fromEntries(names.map((name) => [name, { type: settings[name].type }])),
  'config-file': { type: 'string' },
  'password-stdin': { type: 'boolean' },
  repair: { type: 'boolean' },
  sample: { type: 'string' },
  'orphan-age': { type: 'string' },
  ...auditFlags,
  help: { type: 'boolean', short: 'h' },
} as const

/** Reads flags, environment, and config file. Throws invalid with a sentence for the person who typed it. */
export const readCommandLine = async (
  argv: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): Promise<CommandLine> => {
  let parsed: ReturnType<typeof parseArgs>
  try {
    parsed = parseArgs({ args: [...argv], options: flags, allowPositionals: true })
  } catch (error) {
    // Only Node's first sentence says what is wrong; the others are about parsing.
    const [problem] = (error instanceof Error ? error.message : String(error)).split('. ')
    throw invalid(`${problem}. See 'slipway registry --help'.`, error)
  }
  const { values, positionals } = parsed
  const path = values['config-file'] as string | undefined
  const file = await readConfigFile(path ?? defaultConfigFile, path !== undefined)
  const setting = (name: Name): unknown =>
    values[name] ?? fromEnvironment(name, environment) ?? file[name] ?? settings[name].fallback
  return {
    config: {
      listen: parseAddress(String(setting('listen'))),
      ...placesFrom(setting),
      signIn: signInFrom(setting),
      debug: setting('debug') === true,
      settings: {
        visibility: visibilityFrom(String(setting('visibility'))),
        identityTokens: setting('identity-tokens') === true,
        behindProxy: setting('behind-proxy') === true,
        accessLog: setting('access-log') === true,
        auditPulls: setting('audit-pulls') === true,
        projects: makersFrom(String(setting('projects'))),
        projectQuota: parseSize(String(setting('project-quota'))) || null,
      },
      tls: certificateFrom(String(setting('tls-cert')), String(setting('tls-key'))),
      allowPlainHttp: setting('allow-plain-http') === true,
      rates: {
        requests: parseRate(String(setting('request-limit'))),
        pulls: parseRate(String(setting('pull-limit'))),
      },
      metrics: setting('no-metrics') !== true,
      traces: endpointFrom(String(setting('traces'))),
      keepAuditMs: parseDuration(String(setting('keep-audit'))),
      webhooks: { allowPrivate: setting('webhooks-private') === true },
      collectEveryMs: parseDuration(String(setting('gc-interval'))),
      retainEveryMs: parseDuration(String(setting('retention-interval'))),
      retention: {
        unreferencedMs: parseDuration(String(setting('keep-unreferenced'))),
        untaggedMs: parseDuration(String(setting('keep-untagged'))),
        danglingMs: parseDuration(String(setting('keep-dangling'))),
        readersMs: parseDuration(String(setting('keep-bytes'))),
        trashMs: parseDuration(String(setting('keep-trash'))),
      },
    },
    words: positionals,
    help: values['help'] === true,
    passwordStdin: values['password-stdin'] === true,
    check: readCheckFlags(values),
    audit: readAuditFlags(values),
  }
}
