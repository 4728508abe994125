import { invalid } from '@slipway/core'

const shortest = 10
/** Fewer different ones, and it is a pattern of the keyboard. */
const fewestDifferent = 5

/** What most people's passwords begin with, where they are free to choose: with digits behind it, it is still the same. */
const common: ReadonlySet<string> = new Set(
  `password passw0rd p@ssword p@ssw0rd qwerty qwertyuiop qwertyui asdfghjkl zxcvbnm letmein welcome iloveyou iloveyouso
  sunshine princess football baseball basketball dragon monkey master superman batman trustno whatever computer internet
  starwars admin administrator root changeme changeit default secret secretpassword mypassword newpassword passwordpassword
  thisisapassword docker dockerhub registry container slipway qazwsxedc qazwsx abcdefghij abcdefgh letmeinplease opensesame
  correcthorsebatterystaple`.split(/\s+/),
)

const rows = [
  '01234567890',
  '09876543210',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiopasdfghjklzxcvbnm',
  '1q2w3e4r5t6y7u8i9o0p',
]

const bare = (password: string): string => password.toLowerCase().replace(/[^a-z@0]|0+$|0(?=\d)/g, '')

const isCommon = (password: string): boolean => {
  const lower = password.toLowerCase()
  return (
    common.has(bare(password)) || common.has(lower.replace(/[\d\W_]+$/, '')) || rows.some((row) => row.includes(lower))
  )
}

/**
 * What a person may choose for a password (NIST SP 800-63B, section 5.1.1.2: length counts, and not what it is made of). Throws
 * invalid.
 */
export const checkNewPassword = (password: string, account: string): void => {
  const letters = [...password.normalize('NFKC')]
  if (letters.length < shortest) throw invalid(`the password is too short: take ${shortest} characters at least`)
  if (new Set(letters).size < fewestDifferent || isCommon(password)) {
    throw invalid('this password is one of those that are tried first: take another')
  }
  if (account.length > 3 && password.toLowerCase().replace(account.toLowerCase(), '').length < shortest / 2) {
    throw invalid('the password is little more than the account’s name: take another')
  }
}
