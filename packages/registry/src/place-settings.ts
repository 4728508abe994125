import { invalid } from '@slipway/core'
import type { Places } from './places.ts'
import type { Keys, S3Options } from './storage/s3/options.ts'

/** The settings that say where things are kept; `config.ts` has the others. */
export const placeSettings = {
  'data-root': {
    type: 'string',
    environment: 'SLIPWAY_REGISTRY_DATA_ROOT',
    fallback: '/var/lib/slipway/registry',
    about: 'where blobs and the database are kept',
  },
  database: {
    type: 'string',
    environment: 'SLIPWAY_REGISTRY_DATABASE',
    fallback: '',
    about: 'postgres://… instead of SQLite in the data root',
  },
  storage: {
    type: 'string',
    environment: 'SLIPWAY_REGISTRY_STORAGE',
    fallback: '',
    about: 's3://BUCKET/PREFIX instead of files in the data root',
  },
  's3-endpoint': {
    type: 'string',
    environment: 'AWS_ENDPOINT_URL_S3',
    fallback: '',
    about: 'http(s)://HOST of a storage that is not Amazon’s',
  },
  's3-region': { type: 'string', environment: 'AWS_REGION', fallback: 'us-east-1', about: 'region of the bucket' },
  's3-access-key-id': {
    type: 'string',
    environment: 'AWS_ACCESS_KEY_ID',
    fallback: '',
    about: 'who the registry is to the storage; default: as ~/.aws, a web identity, or the machine’s role has it',
  },
  's3-secret-access-key': {
    type: 'string',
    environment: 'AWS_SECRET_ACCESS_KEY',
    fallback: '',
    about: 'its secret: better not as a flag, which everyone on the machine can see',
  },
  's3-session-token': {
    type: 'string',
    environment: 'AWS_SESSION_TOKEN',
    fallback: '',
    about: 'what belongs to a secret that is lent',
  },
  's3-redirect': {
    type: 'boolean',
    environment: 'SLIPWAY_REGISTRY_S3_REDIRECT',
    fallback: false,
    about: 'send clients to the bucket for whole blobs',
  },
} as const

export type PlaceName = keyof typeof placeSettings

/** The address may hold a password, and isn't shown. */
const databaseFrom = (text: string): string | undefined => {
  if (text === '') return undefined
  if (/^postgres(?:ql)?:\/\//.test(text) && URL.canParse(text)) return text
  throw invalid('invalid database address: use postgres://USER:PASSWORD@HOST/NAME')
}

const endpointFrom = (text: string): string | undefined => {
  if (text === '') return undefined
  if (/^https?:\/\//.test(text) && URL.canParse(text)) return text
  throw invalid(`invalid address of a storage ${JSON.stringify(text)}: use http://HOST:PORT or https://HOST`)
}

const keysFrom = (setting: (name: PlaceName) => unknown): Keys | undefined => {
  const [accessKeyId, secretAccessKey] = [String(setting('s3-access-key-id')), String(setting('s3-secret-access-key'))]
  if (accessKeyId === '' && secretAccessKey === '') return undefined
  if (accessKeyId === '' || secretAccessKey === '') {
    throw invalid('s3-access-key-id and s3-secret-access-key come together (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)')
  }
  return { accessKeyId, secretAccessKey, sessionToken: String(setting('s3-session-token')) || undefined }
}

const bucketFrom = (setting: (name: PlaceName) => unknown): S3Options | undefined => {
  const text = String(setting('storage'))
  if (text === '') return undefined
  const [, bucket, path = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/([\w./-]*))?$/.exec(text) ?? []
  if (bucket === undefined)
    throw invalid(`invalid storage ${JSON.stringify(text)}: use s3://BUCKET or s3://BUCKET/PREFIX`)
  const folder = path.split('/').filter(Boolean).join('/')
  return {
    bucket,
    prefix: folder === '' ? '' : `${folder}/`,
    region: String(setting('s3-region')),
    endpoint: endpointFrom(String(setting('s3-endpoint'))),
    keys: keysFrom(setting),
    redirect: setting('s3-redirect') === true,
  }
}

/** Throws invalid with a sentence for the person who typed it. */
export const placesFrom = (setting: (name: PlaceName) => unknown): Places => ({
  dataRoot: String(setting('data-root')),
  database: databaseFrom(String(setting('database'))),
  bucket: bucketFrom(setting),
})
