import type { Database } from '@slipway/core'
import { addAccount, openRegistryDatabase, type Places } from '@slipway/registry'

const words =
  'web api cache proxy queue worker login mail image video search index store user order cart payment report metrics logs gateway router agent runner builder scanner mirror backup sync stream batch chat auth token session config secret vault bridge relay monitor alert dashboard portal site blog shop wiki forum'.split(
    ' ',
  )
const word = (number: number): string => words[number % words.length] ?? ''

/** `team42/cart-proxy-1234`, of one of 997 teams. */
export const nameOf = (number: number): string =>
  `team${number % 997}/${word(number * 7)}-${word(number * 13 + 5)}-${number}`

const describe = (number: number): string =>
  `${word(number * 3)} ${word(number * 11 + 1)} for the ${word(number * 17)} of ${word(number * 5 + 2)}, number ${number}, kept by team ${number % 997}`

const batch = 1000

/** One of ten is private. */
const addRepository = async ({ sql }: Pick<Database, 'sql'>, number: number, now: Date): Promise<void> => {
  const [id, name] = [number + 1, nameOf(number)]
  await sql`
    INSERT INTO repository (id, name, project, description, stars, visibility, created_at)
    VALUES (${id}, ${name}, ${name.slice(0, name.indexOf('/'))}, ${describe(number)}, ${(number * 7919) % 1000},
      ${number % 10 === 0 ? 'private' : null}, ${now})`
  await sql`
    INSERT INTO manifest (repository_id, digest, media_type, payload, size, total_size, pushed_at)
    VALUES (${id}, ${`sha256:${String(number).padStart(64, '0')}`}, ${'application/vnd.oci.image.manifest.v1+json'},
      ${Buffer.from('{}')}, ${2}, ${1000}, ${now})`
}

/** Who searches: nobody of importance, who may read what is public and the private ones of a team. */
export const searcher = { user: 'ann', password: 'a quiet searcher' }

/** Fills a registry that doesn't run with repositories that have a name, a description, stars and one manifest each. */
export const populateNames = async (
  places: Places,
  { repositories, signal }: { readonly repositories: number; readonly signal: AbortSignal },
): Promise<void> => {
  await using database = await openRegistryDatabase(places)
  const now = new Date()
  for (let first = 0; first < repositories; first += batch) {
    signal.throwIfAborted()
    await database.transaction(async (sql) => {
      for (let number = first; number < Math.min(repositories, first + batch); number += 1) {
        await addRepository({ sql }, number, now)
      }
    })
  }
  await addAccount(database.sql, searcher.user, searcher.password, {
    grant: { pattern: 'team1/**', actions: ['pull'] },
  })
  await database.sql`ANALYZE`
}
