import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { hasErrno, invalid } from '@slipway/core'
import { parseAddress } from '@slipway/http'
import type { Visibility } from './access/visibility.ts'
import type { CheckOptions } from './check/check.ts'
import { usualPace } from './distribution/pace.ts'
import { parseDuration } from './duration.ts'
import type { Rates } from './limits/limits.ts'
import { parseRate } from './limits/rate-limit.ts'
import type { Retention } from './metadata/retention.ts'
import { placesFrom } from './place-settings.ts'
import type { Places } from './places.ts'
import type { RegistrySettings } from './registry.ts'
import { type SettingName, settingNames, settings } from './settings.ts'
import { type SignInSettings, signInFrom } from './sign-in/settings.ts'
import { parseSize } from './size.ts'
import type { CertificateFiles } from './tls/certificate.ts'
import { auditFlags, readAuditFlags } from './verbs/audit.ts'
import { readCheckFlags } from './verbs/check.ts'
import type { Administration } from './verbs/verb.ts'

export interface RegistryConfig extends Places {
  readonly listen: { readonly host: string; readonly port: number }
  readonly debug: boolean
  readonly settings: Omit<RegistrySettings, 'bodyMs'>
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
  const wrong = settingNames.find((name) => file[name] !== undefined && typeof file[name] !== settings[name].type)
  if (wrong !== undefined) throw invalid(`${path}: ${wrong} must be a ${settings[wrong].type}`)
  return file
}

const fromEnvironment = (name: SettingName, environment: NodeJS.ProcessEnv): string | boolean | undefined => {
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
  ...Object.fromEntries(settingNames.map((name) => [name, { type: settings[name].type }])),
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
  const setting = (name: SettingName): unknown =>
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
        uploadPace: { ...usualPace, bytesPerSecond: parseSize(String(setting('slowest-upload'))) },
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

/** The ways to sign in, where a registry is part of another program: from the environment and the config file. Throws invalid. */
export const readSignInSettings = async (): Promise<SignInSettings> => (await readCommandLine([])).config.signIn
