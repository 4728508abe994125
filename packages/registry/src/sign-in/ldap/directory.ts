import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { type Logger, messageOf, SlipwayError } from '@slipway/core'
import type { Client, Entry } from 'ldapts'
import { escapeForFilter, escapeForName, fill } from './escape.ts'
import type { LdapSettings } from './settings.ts'

/** Somebody whose password the directory took. */
export interface Person {
  /** In lower case. */
  readonly name: string
  readonly id: string
  /** By their names, and by their distinguished names. */
  readonly groups: readonly string[]
}

/** Undefined: there is nobody of that name, or the password is wrong. Throws unavailable while the directory can't be asked. */
export type AskDirectory = (user: string, password: string) => Promise<Person | undefined>

export interface Directory {
  readonly ask: AskDirectory
  /**
   * The same without a password: whether somebody is still there, and in which groups. Missing where people are named and not
   * looked for: what they may see of themselves nobody else may.
   */
  readonly look: ((user: string) => Promise<Person | undefined>) | undefined
}

const connectMs = 5000
const answerMs = 10_000
const mostGroups = 500

const first = (value: Entry[string] | undefined): string => {
  const one = Array.isArray(value) ? value[0] : value
  return Buffer.isBuffer(one) ? one.toString('hex') : String(one ?? '')
}

const all = (value: Entry[string] | undefined): readonly string[] =>
  (Array.isArray(value) ? value : value === undefined ? [] : [value]).map((one) => String(one))

/** Where somebody is, and what is written there. */
const findEntry = async (client: Client, settings: LdapSettings, user: string): Promise<Entry | undefined> => {
  const { search, userDn, nameAttribute, idAttribute } = settings
  const attributes = [nameAttribute, idAttribute, 'memberOf']
  if (search === undefined) {
    const dn = fill(userDn ?? '', { user }, escapeForName)
    const found = await client.search(dn, { scope: 'base', filter: '(objectClass=*)', attributes })
    return found.searchEntries[0]
  }
  const filter = fill(search.filter, { user }, escapeForFilter)
  const { searchEntries } = await client.search(search.base, { scope: 'sub', filter, attributes })
  // Of two, nobody knows which one was meant.
  return searchEntries.length === 1 ? searchEntries[0] : undefined
}

const groupsOf = async (client: Client, { groups }: LdapSettings, user: string, entry: Entry) => {
  const told = all(entry['memberOf'])
  if (groups === undefined) return told
  const filter = fill(groups.filter, { user, dn: entry.dn }, escapeForFilter)
  const found = await client.search(groups.base, { scope: 'sub', filter, attributes: ['cn'], sizeLimit: mostGroups })
  return [...told, ...found.searchEntries.flatMap((group) => [group.dn, ...all(group['cn'])])]
}

const personOf = async (client: Client, settings: LdapSettings, user: string, entry: Entry): Promise<Person> => ({
  name: first(entry[settings.nameAttribute]).toLowerCase(),
  id: first(entry[settings.idAttribute]) || entry.dn.toLowerCase(),
  groups: await groupsOf(client, settings, user, entry),
})

/** Looks for them, if that is how they are found, then asks whether this is their password. */
const ask = async (client: Client, settings: LdapSettings, user: string, password: string) => {
  const { bind, search, userDn } = settings
  if (search !== undefined && bind !== undefined) await client.bind(bind.dn, bind.password)
  const looked = search === undefined ? undefined : await findEntry(client, settings, user)
  if (search !== undefined && looked === undefined) return undefined
  try {
    await client.bind(looked?.dn ?? fill(userDn ?? '', { user }, escapeForName), password)
  } catch (error) {
    if (isWrongPassword(error)) return undefined
    throw error
  }
  const entry = looked ?? (await findEntry(client, settings, user))
  if (entry === undefined) return undefined
  // Groups are often for the one who looks alone to see.
  if (bind !== undefined) await client.bind(bind.dn, bind.password)
  return personOf(client, settings, user, entry)
}

const look = async (client: Client, settings: LdapSettings, user: string): Promise<Person | undefined> => {
  const { bind } = settings
  if (bind !== undefined) await client.bind(bind.dn, bind.password)
  const entry = await findEntry(client, settings, user)
  return entry && personOf(client, settings, user, entry)
}

/** RFC 4511, section 4.1.9: invalidCredentials, and what some servers say of names that they can't read or don't have. */
const wrongPassword: ReadonlySet<number> = new Set([32, 34, 49])

const isWrongPassword = (error: unknown): boolean => wrongPassword.has((error as { readonly code?: number }).code ?? 0)

const away = (cause: unknown): SlipwayError =>
  new SlipwayError('unavailable', 'the directory can’t be asked who you are: try again in a moment', {
    cause,
    detail: { retryAfterSeconds: 10 },
  })

/** A connection that was lost is not made again by itself: it would be one without TLS. */
const onlyOnce = (make: typeof connect): typeof connect => {
  let isMade = false
  return ((...args: Parameters<typeof connect>) => {
    if (isMade) throw new SlipwayError('unavailable', 'the directory has closed the connection')
    isMade = true
    return make(...args)
  }) as typeof connect
}

/** A connection for each question: a right answer is remembered for a while. */
export const openDirectory = (settings: LdapSettings, logger: Logger): Directory => {
  const connected = async <T>(question: (client: Client) => Promise<T>): Promise<T> => {
    try {
      const { Client } = await import('ldapts')
      const tls = settings.ca === undefined ? {} : { ca: await readFile(settings.ca) }
      const isTls = settings.url.startsWith('ldaps:')
      const client = new Client({
        url: settings.url,
        connectTimeout: connectMs,
        createConnection: onlyOnce(connect),
        timeout: answerMs,
        ...(isTls ? { tlsOptions: tls } : {}),
      })
      try {
        if (settings.startTls && !isTls) await client.startTLS({ ...tls, host: new URL(settings.url).hostname })
        return await question(client)
      } finally {
        await client.unbind().catch(() => undefined)
      }
    } catch (error) {
      logger.warn({ error: messageOf(error), url: settings.url }, 'the directory could not be asked')
      throw away(error)
    }
  }
  return {
    ask: async (user, password) => {
      // A bind without a password is no question at all, and answered with yes (RFC 4513, section 5.1.2).
      if (password === '' || user === '' || user.length > 256) return undefined
      return connected((client) => ask(client, settings, user, password))
    },
    look: settings.search && ((user) => connected((client) => look(client, settings, user))),
  }
}
