import { stat } from 'node:fs/promises'
import { mostSecretBytes, type SecretSource } from '@slipway/buildkit/client'
import { Exit, fileProblem } from '../exit.ts'
import { splitFields, splitPair } from './fields.ts'

type Environment = Readonly<Record<string, string | undefined>>

interface Named {
  readonly id: string
  readonly path: string
  readonly variable: string
}

const readFields = (text: string): Named => {
  const found = { type: '', id: '', path: '', variable: '' }
  const keys: Readonly<Record<string, keyof typeof found>> = {
    type: 'type',
    id: 'id',
    source: 'path',
    src: 'path',
    env: 'variable',
  }
  for (const field of splitFields(text)) {
    const pair = splitPair(field)
    if (pair === undefined) throw new Exit(1, `ERROR: invalid field '${field}' must be a key=value pair`)
    const key = Object.hasOwn(keys, pair[0]) ? keys[pair[0]] : undefined
    if (key === undefined) throw new Exit(1, `ERROR: unexpected key '${pair[0]}' in '${field}'`)
    if (key === 'type' && pair[1] !== 'file' && pair[1] !== 'env') {
      throw new Exit(1, `ERROR: unsupported secret type ${JSON.stringify(pair[1])}`)
    }
    found[key] = pair[1]
  }
  const { type, id, path, variable } = found
  return type === 'env' && variable === '' ? { id, path: '', variable: path } : { id, path, variable }
}

/** A file that is there and small enough; read when a step asks for it. */
const fileSecret = async (id: string, path: string): Promise<SecretSource> => {
  const { size } = await stat(path).catch((error: unknown) => {
    const why = fileProblem(error, path).replace(/^open /, 'stat ')
    throw new Exit(1, `ERROR: failed to build: failed to stat ${path}: ${why}`)
  })
  if (size > mostSecretBytes) throw new Exit(1, `ERROR: failed to build: secret ${id} too big. max size 500KB`)
  return { path }
}

/**
 * Reads `--secret id=NAME[,src=FILE|,env=VARIABLE]`. Without a source, a variable of that name, else a file. Throws Exit, which
 * never tells the secret.
 */
export const readSecrets = async (
  texts: readonly string[],
  env: Environment,
): Promise<ReadonlyMap<string, SecretSource>> => {
  const secrets = new Map<string, SecretSource>()
  for (const text of texts) {
    const { id, path, variable } = readFields(text)
    if (id === '') throw new Exit(1, 'ERROR: failed to build: secret missing ID')
    const named = variable || (path === '' && env[id] !== undefined ? id : '')
    if (named === '') secrets.set(id, await fileSecret(id, path || id))
    // A variable that isn't set is a secret that isn't there.
    else if (env[named] !== undefined) secrets.set(id, { value: env[named] })
  }
  return secrets
}
