import { hasCode } from '@slipway/core'
import type { Standing } from '../../accounts/check-password.ts'
import type { Account } from '../../accounts/records.ts'

export interface StandingOptions {
  /** Asks the directory whether the account's person is still there. Missing: it can't be asked. Throws unavailable. */
  readonly look: ((account: string) => Promise<boolean>) | undefined
  /** How long a directory's answer holds. */
  readonly lookEveryMs: number
  /** How long a sign-in holds where nobody can be asked; 0: for ever. */
  readonly maxAgeMs: number
}

type Answer = 'there' | 'gone' | 'away'

/** Who was put back waits no longer; a directory that is away is not asked at each request. */
const soonMs = 30_000
const mostRemembered = 10_000

const messages = {
  gone: 'the directory doesn’t know this account any more: ask who manages the registry',
  late: 'the last sign-in was too long ago: sign in to the page again',
} as const

interface Asked {
  answer: Promise<Answer>
  /** While it is being asked, whoever comes waits for the same. */
  until: number
}

/** The directory's answers, each asked for once and remembered for a while. */
const remembering = (look: (account: string) => Promise<boolean>, lookEveryMs: number) => {
  const known = new Map<string, Asked>()
  const ask = async (account: string, asked: Asked): Promise<Answer> => {
    let told: Answer = 'away'
    try {
      told = (await look(account)) ? 'there' : 'gone'
    } catch (error) {
      if (!hasCode(error, 'unavailable')) throw error
    } finally {
      asked.until = Date.now() + (told === 'there' ? lookEveryMs : Math.min(soonMs, lookEveryMs))
    }
    return told
  }
  return (account: string): Promise<Answer> => {
    const before = known.get(account)
    if (before !== undefined && before.until > Date.now()) return before.answer
    const asked: Asked = { answer: Promise.resolve('away'), until: Number.POSITIVE_INFINITY }
    asked.answer = ask(account, asked)
    known.delete(account)
    const [oldest] = known.keys()
    if (known.size >= mostRemembered && oldest !== undefined) known.delete(oldest)
    known.set(account, asked)
    return asked.answer
  }
}

/**
 * Whether what was made for an account is still good: neither a directory nor a provider tells us when somebody leaves. A
 * directory is asked again and again; with a provider, and while a directory is away, the last sign-in holds for as long as the
 * settings say.
 */
export const createStanding = ({ look, lookEveryMs, maxAgeMs }: StandingOptions): Standing => {
  const asked = look && remembering(look, lookEveryMs)
  const isLate = ({ confirmedAt }: Account): boolean =>
    maxAgeMs > 0 && (confirmedAt === null || Date.parse(confirmedAt) + maxAgeMs < Date.now())
  return async (account) => {
    if (account.origin === 'local') return undefined
    const answer = account.origin === 'ldap' && asked ? await asked(account.name) : 'away'
    if (answer === 'gone') return messages.gone
    return answer === 'away' && isLate(account) ? messages.late : undefined
  }
}
