import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import type { AuthConfig } from '@slipway/client'
import { Exit } from '../exit.ts'

/** The helper's answer when it has nothing for this registry. */
const notFoundAnswer = 'credentials not found in native keychain'

interface HelperCredentials {
  readonly Username: string
  readonly Secret: string
}

/** Runs `docker-credential-NAME VERB`, which reads from stdin and writes to stdout. */
const ask = async (name: string, verb: 'get' | 'store' | 'erase' | 'list', input: string): Promise<string> => {
  const program = `docker-credential-${name}`
  const child = spawn(program, [verb], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', (cause) => reject(new Exit(1, `error running ${program}: ${cause.message}`, { cause })))
    child.once('close', resolve)
  })
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const [output, exitCode] = await Promise.all([text(child.stdout), ended])
  if (exitCode !== 0)
    throw new Exit(1, `error ${verb} credentials - err: exit status ${exitCode}, out: \`${output.trim()}\``)
  return output
}

/** A user of this name is no user: the secret is an identity token. */
const tokenUser = '<token>'

export const helperGet = async (name: string, server: string): Promise<AuthConfig | undefined> => {
  try {
    const { Username, Secret } = JSON.parse(await ask(name, 'get', server)) as HelperCredentials
    if (Username === tokenUser) return { identitytoken: Secret, serveraddress: server }
    return { username: Username, password: Secret, serveraddress: server }
  } catch (error) {
    if (error instanceof Exit && error.message.includes(notFoundAnswer)) return undefined
    throw error
  }
}

export const helperStore = async (name: string, server: string, auth: AuthConfig): Promise<void> => {
  const [Username, Secret] =
    auth.identitytoken === undefined ? [auth.username, auth.password] : [tokenUser, auth.identitytoken]
  await ask(name, 'store', JSON.stringify({ ServerURL: server, Username, Secret }))
}

export const helperErase = async (name: string, server: string): Promise<void> => {
  await ask(name, 'erase', server)
}

/** The registries it knows. */
export const helperList = async (name: string): Promise<readonly string[]> =>
  Object.keys(JSON.parse(await ask(name, 'list', 'unused')) as Record<string, string>)
