import { asksForSecondFactor } from '@slipway/client'
import { type HubClient, signIn, signOut } from '@slipway/client/hub/client'
import { type Command, none, type Session } from '../command.ts'
import { askFor, loginFlags, readPassword } from '../config/ask-credentials.ts'
import { Exit } from '../exit.ts'
import type { Values } from '../flags/flag.ts'
import { text } from '../flags/flag.ts'
import { prompt } from '../terminal/prompt.ts'
import { chosenHub } from './chosen.ts'
import { credentialsFor, hubFlags, openHub } from './connect.ts'

/** Of commands that are for the account itself, and not for who has one of its tokens. */
export const ownerFlags = {
  ...hubFlags,
  ...loginFlags,
  code: text('', 'A code of the second factor, or a recovery code (default: asked for)'),
} as const

const isAccessToken = (password: string): boolean => password.startsWith('slipway_at_')

/** Name and password: what was typed, else what is stored where that is a password, else what is asked for. */
const loginOf = async (session: Session, server: string, flags: Values<typeof ownerFlags>) => {
  const typed = await readPassword(session, flags)
  const stored = await credentialsFor(session, server)
  const username = flags.username ?? stored?.username
  const isStored = stored !== undefined && stored.username === username && !isAccessToken(stored.password)
  return askFor(session, { username, password: typed ?? (isStored ? stored.password : undefined) })
}

const enter = async (
  { console }: Session,
  hub: HubClient,
  login: { readonly user: string; readonly password: string },
  code: string | undefined,
): Promise<void> => {
  try {
    await signIn(hub, code === undefined ? login : { ...login, code })
  } catch (error) {
    if (code !== undefined || !asksForSecondFactor(error)) throw error
    if (console.stdin.isTTY !== true) throw new Exit(1, 'a code of your second factor is needed as well: add --code')
    await signIn(hub, { ...login, code: await prompt(console, 'Code: ') })
  }
}

/** Signs in as the page does, does something as the account itself, and signs out. */
export const withOwner = async <T>(
  session: Session,
  flags: Values<typeof ownerFlags>,
  act: (hub: HubClient, login: { readonly password: string }) => Promise<T>,
): Promise<T> => {
  const server = flags.server ?? (await chosenHub(session))
  const { username, password } = await loginOf(session, server, flags)
  await using hub = await openHub(session, server, null)
  await enter(session, hub, { user: username, password }, flags.code)
  try {
    return await act(hub, { password })
  } finally {
    await signOut(hub)
  }
}

/**
 * What commands have in common that are the account's own, and take nothing but who that is. `act` prints what there is to say.
 */
export const ownersCommand = (
  act: (hub: HubClient, session: Session) => Promise<void>,
): Pick<Command<typeof ownerFlags>, 'usage' | 'operands' | 'flags' | 'run'> => ({
  usage: '[OPTIONS]',
  operands: none,
  flags: ownerFlags,
  run: ({ flags, session }) =>
    withOwner(session, flags, async (hub) => {
      await act(hub, session)
      return 0
    }),
})

/** Of commands that change what is asked for at sign-in. */
export const asksForCode = 'A code is asked for to sign in; a recovery code does as well.'
