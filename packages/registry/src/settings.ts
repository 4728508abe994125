import { placeSettings } from './place-settings.ts'
import { signInSettings } from './sign-in/settings.ts'

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
    about: 'requests of an account, or of a stranger at one address, to each process: 1000/1m; 0 for no limit',
  },
  'pull-limit': {
    type: 'string',
    environment: 'SLIPWAY_REGISTRY_PULL_LIMIT',
    fallback: '0',
    about: 'manifests that one may fetch from each process: 100/6h; 0 for no limit',
  },
  'slowest-upload': {
    type: 'string',
    environment: 'SLIPWAY_REGISTRY_SLOWEST_UPLOAD',
    fallback: '256B',
    about: 'what a blob comes with in a second at least, on the average of five minutes: 10kB; 0 for no limit',
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

export type SettingName = keyof typeof settings

export const settingNames = Object.keys(settings) as readonly SettingName[]
