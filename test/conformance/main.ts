/**
 * `npm run conformance -- URL`: looks at any registry from outside, and tells which sentences of the OCI distribution-spec it
 * keeps. Pushes into new repositories below `conformance/`, which stay. A user is named in the URL
 * (`https://user:password@host`), or by SLIPWAY_CONFORMANCE_USER and SLIPWAY_CONFORMANCE_PASSWORD. Exits with 1 when a MUST is
 * broken.
 */
import { Candidate } from './candidate.ts'
import { sections } from './checks/index.ts'
import { examine, type Verdict } from './examine.ts'

const signs: Readonly<Record<Verdict['result'], string>> = { kept: 'ok    ', broken: 'BROKEN', absent: 'absent' }

const readArguments = (): { url: string; login: { user: string; password: string } | undefined } => {
  const [text] = process.argv.slice(2)
  if (text === undefined) throw new Error('use: npm run conformance -- URL')
  const url = new URL(text.includes('://') ? text : `http://${text}`)
  const user = decodeURIComponent(url.username) || process.env['SLIPWAY_CONFORMANCE_USER']
  const password = decodeURIComponent(url.password) || (process.env['SLIPWAY_CONFORMANCE_PASSWORD'] ?? '')
  return { url: url.origin, login: user ? { user, password } : undefined }
}

const { url, login } = readArguments()
const registry = new Candidate(url, login)
const counts = new Map<string, number>()
for (const { title, checks } of sections) {
  process.stdout.write(`\n${title}\n`)
  for (const check of checks) {
    const { result, reason } = await examine(registry, check)
    const level = check.level.toUpperCase()
    counts.set(`${level} ${result}`, (counts.get(`${level} ${result}`) ?? 0) + 1)
    process.stdout.write(
      `  ${signs[result]} ${level.padEnd(6)} ${check.sentence}${reason && `\n           ${reason}`}\n`,
    )
  }
}
registry.close()
process.stdout.write(`\n${[...counts].map(([what, count]) => `${what}: ${count}`).join(', ')}\n`)
process.exitCode = counts.has('MUST broken') ? 1 : 0
