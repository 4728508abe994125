import assert from 'node:assert/strict'
import { test } from 'node:test'
import { json, messageIn } from '../../hub/testing.ts'
import { openRegistryDatabase } from '../../places.ts'
import { basic, makeAccount, pushImage, startTestRegistry, type TestRegistry } from '../../testing.ts'
import { parseGroupRules } from '../elsewhere/groups.ts'
import type { OidcSettings } from './settings.ts'
import { type TestPerson, TestProvider } from './testing/test-provider.ts'

interface Answer {
  readonly url: URL
  readonly status: number
  readonly text: string
  readonly location: string | null
}

/** A browser that fills in the provider's forms: it keeps cookies by host and path, and goes where it is sent. */
class Walker {
  readonly #jar = new Map<string, { readonly host: string; readonly path: string; readonly value: string }>()
  readonly visited: string[] = []

  #cookiesFor(url: URL): string {
    return [...this.#jar]
      .filter(([, { host, path }]) => host === url.host && url.pathname.startsWith(path))
      .map(([name, { value }]) => `${name.slice(name.indexOf(' ') + 1)}=${value}`)
      .join('; ')
  }

  cookie(name: string): string | undefined {
    return [...this.#jar].find(([key]) => key.endsWith(` ${name}`))?.[1].value
  }

  set(url: URL, name: string, value: string, path = '/'): void {
    this.#jar.set(`${url.host} ${name}`, { host: url.host, path, value })
  }

  async ask(url: URL, init: RequestInit = {}): Promise<Answer> {
    this.visited.push(url.href)
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: { ...init.headers, cookie: this.#cookiesFor(url) },
    })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      const path = /; ?path=([^;]+)/i.exec(line)?.[1] ?? '/'
      if (value === '') this.#jar.delete(`${url.host} ${name}`)
      else this.set(url, name, value, path)
    }
    return {
      url,
      status: response.status,
      text: await response.text(),
      location: response.headers.get('location'),
    }
  }

  async follow(start: URL, init: RequestInit = {}): Promise<Answer> {
    let answer = await this.ask(start, init)
    while (answer.location !== null) answer = await this.ask(new URL(answer.location, answer.url))
    return answer
  }

  /** Sends the form that is on a page. */
  submit({ text, url }: Answer, fields: Readonly<Record<string, string>>): Promise<Answer> {
    const action = /<form[^>]* action="([^"]+)"/.exec(text)?.[1]?.replaceAll('&amp;', '&') ?? ''
    const hidden = [...text.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)]
    const body = new URLSearchParams({
      ...Object.fromEntries(hidden.map(([, name, value]) => [name, value])),
      ...fields,
    })
    return this.follow(new URL(action, url), { method: 'POST', body })
  }
}

const world = async (people: Readonly<Record<string, TestPerson>>, changed: Partial<OidcSettings> = {}) => {
  await using stack = new AsyncDisposableStack()
  const provider = stack.use(await TestProvider.start(people))
  const oidc = { ...provider.settings, create: true, ...changed }
  const registry = stack.use(
    await startTestRegistry({
      signIn: { oidc, groupRules: parseGroupRules('devs=team backend;devs=team/**:pull,push') },
    }),
  )
  provider.serve(registry.url)
  await makeAccount(registry, 'root')
  const owned = stack.move()
  return { provider, registry, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

const at = (registry: TestRegistry, path: string): URL => new URL(path, registry.url)

/** Through the provider's pages: who it is, and that the registry may know it. */
const walk = async (
  walker: Walker,
  registry: TestRegistry,
  subject: string,
  path = '/sign-in/oidc',
): Promise<Answer> => {
  const form = await walker.follow(at(registry, path))
  assert.match(form.text, /name="login"/)
  const consent = await walker.submit(form, { login: subject, password: 'whatever' })
  return walker.submit(consent, {})
}

const sessionOf = async (
  walker: Walker,
  registry: TestRegistry,
): Promise<{ account: string | null; manages: boolean }> =>
  JSON.parse((await walker.ask(at(registry, '/api/v1/session'))).text) as { account: string | null; manages: boolean }

test('who comes by the provider gets an account, with what the groups there mean, and pushes with a token', async () => {
  await using world_ = await world({ 'user-1': { name: 'Mary', groups: ['devs', 'others'] } })
  const { registry } = world_
  const walker = new Walker()
  await walk(walker, registry, 'user-1')
  assert.equal((await sessionOf(walker, registry)).account, 'mary')
  assert.equal(walker.cookie('slipway_away'), undefined)
  const made = await walker.ask(at(registry, '/api/v1/tokens'), {
    ...json({ name: 'laptop' }),
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: registry.url },
  })
  const { token } = JSON.parse(made.text) as { token: string }
  await pushImage(registry, 'team/app', 'v1', { headers: { authorization: basic('mary', token) } })
  const password = await registry.call('GET', '/token', { headers: { authorization: basic('mary', '') } })
  assert.equal(password.status, 401)
  const again = new Walker()
  await walk(again, registry, 'user-1')
  assert.equal((await sessionOf(again, registry)).account, 'mary')
})

test('where accounts are not made, who has none is told so; nobody takes an account over by its name', async () => {
  await using closed = await world({ 'user-1': { name: 'mary' } }, { create: false })
  const nobody = await walk(new Walker(), closed.registry, 'user-1')
  assert.equal(nobody.url.search, '?problem=unknown')

  await using open = await world({ 'user-1': { name: 'Root' }, 'user-2': {}, 'user-3': { name: 'a/b' } })
  for (const subject of ['user-1', 'user-2', 'user-3']) {
    const walker = new Walker()
    const taken = await walk(walker, open.registry, subject)
    assert.equal(taken.url.pathname + taken.url.search, '/sign-in?problem=taken', subject)
    assert.equal((await sessionOf(walker, open.registry)).account, null)
  }
})

test('who is signed in links the two, signs in by the provider then, and unlinks it again', async () => {
  await using world_ = await world({ 'user-1': { name: 'root' } }, { create: false })
  const { registry } = world_
  await makeAccount(registry, 'bob')
  const signIn = async (walker: Walker, user: string): Promise<void> => {
    const headers = { 'content-type': 'application/json', origin: registry.url }
    const init = { ...json({ user, password: 'secret' }), method: 'POST', headers }
    assert.equal((await walker.ask(at(registry, '/api/v1/session'), init)).status, 204)
  }
  const link = '/sign-in/oidc?link=1'
  assert.equal((await new Walker().ask(at(registry, link))).status, 401)
  const walker = new Walker()
  await signIn(walker, 'root')
  const elsewhere = await walker.ask(at(registry, link), { headers: { 'sec-fetch-site': 'cross-site' } })
  assert.equal(elsewhere.status, 403)
  const back = await walk(walker, registry, 'user-1', link)
  assert.equal(back.url.pathname, '/account')

  const other = new Walker()
  await signIn(other, 'bob')
  assert.equal((await walk(other, registry, 'user-1', link)).url.search, '?problem=linked')

  const byProvider = new Walker()
  await walk(byProvider, registry, 'user-1')
  assert.deepEqual(await sessionOf(byProvider, registry).then(({ account, manages }) => [account, manages]), [
    'root',
    true,
  ])
  const listed = await walker.ask(at(registry, '/api/v1/identities'))
  const [identity] = (JSON.parse(listed.text) as { identities: { id: string; label: string }[] }).identities
  assert.equal(identity?.label, 'root')
  const drop = { method: 'DELETE', headers: { origin: registry.url } }
  assert.equal((await other.ask(at(registry, `/api/v1/identities/${identity?.id}`), drop)).status, 404)
  assert.equal((await walker.ask(at(registry, `/api/v1/identities/${identity?.id}`), drop)).status, 204)
  assert.equal((await walk(new Walker(), registry, 'user-1')).url.search, '?problem=unknown')
})

test('a sign-in that is too old holds no longer for what was made with it, until the next one', async () => {
  const people = { 'user-1': { name: 'mary' } }
  await using provider = await TestProvider.start(people)
  const signIn = { oidc: { ...provider.settings, create: true } }
  await using registry = await startTestRegistry({ signIn })
  provider.serve(registry.url)
  await makeAccount(registry, 'root')
  const walker = new Walker()
  await walk(walker, registry, 'user-1')
  const made = await walker.ask(at(registry, '/api/v1/tokens'), {
    ...json({ name: 'laptop' }),
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: registry.url },
  })
  const { token } = JSON.parse(made.text) as { token: string }
  const ask = (user: string, password: string) =>
    registry.call('GET', '/token', { headers: { authorization: basic(user, password) } })
  assert.equal((await ask('mary', token)).status, 200)
  {
    await using database = await openRegistryDatabase(registry.places)
    const monthAgo = new Date(Date.now() - 31 * 24 * 60 * 60 * 1000)
    await database.sql`UPDATE account SET confirmed_at = ${monthAgo} WHERE name = ${'mary'}`
  }
  const late = await ask('mary', token)
  assert.equal(late.status, 401)
  assert.match(await messageIn(late), /the last sign-in was too long ago/)
  assert.equal((await sessionOf(walker, registry)).account, null)
  assert.equal((await ask('root', 'secret')).status, 200, 'our own accounts have no such end')
  await walk(new Walker(), registry, 'user-1')
  assert.equal((await ask('mary', token)).status, 200)
})

test('a session that was there before is over, and an answer is good only for the browser that asked', async () => {
  await using world_ = await world({ 'user-1': { name: 'mary' }, 'user-2': { name: 'noor' } })
  const { registry } = world_
  const victim = new Walker()
  victim.set(at(registry, '/'), 'slipway_hub', 'planted')
  await walk(victim, registry, 'user-1')
  assert.notEqual(victim.cookie('slipway_hub'), 'planted')

  const attacker = new Walker()
  await walk(attacker, registry, 'user-2')
  const callback = new URL(attacker.visited.find((url) => url.includes('/sign-in/oidc/callback?')) ?? '')
  for (const here of [
    callback,
    at(registry, '/sign-in/oidc/callback?code=x&state=y'),
    at(registry, '/sign-in/oidc/callback'),
  ]) {
    const late = await new Walker().ask(here)
    assert.deepEqual([late.status, late.location], [302, '/sign-in?problem=late'])
  }
  // It has asked itself, for something else: the state is another's.
  const asked = new Walker()
  await asked.ask(at(registry, '/sign-in/oidc'))
  const refused = await asked.ask(callback)
  assert.equal(refused.location, '/sign-in?problem=provider')
  assert.equal(asked.cookie('slipway_hub'), undefined)
})

test('where the browser goes is never what a request says', async () => {
  await using world_ = await world({})
  const { registry, provider } = world_
  for (const query of [
    '?next=https://evil.example',
    '?redirect_uri=https://evil.example',
    '?issuer=https://evil.example',
  ]) {
    const { location } = await new Walker().ask(at(registry, `/sign-in/oidc${query}`))
    const to = new URL(location ?? '')
    assert.equal(to.origin, provider.issuer)
    assert.equal(to.searchParams.get('redirect_uri'), `${registry.url}/sign-in/oidc/callback`)
    assert.equal(to.searchParams.get('code_challenge_method'), 'S256')
    assert.ok((to.searchParams.get('nonce') ?? '').length > 20)
  }
})

test('a provider that is away leaves everybody where they were, and is asked again', async () => {
  const gone = await TestProvider.start({})
  const oidc = gone.settings
  await gone[Symbol.asyncDispose]()
  await using registry = await startTestRegistry({ signIn: { oidc } })
  const headers = { authorization: await makeAccount(registry, 'root') }
  const { location } = await new Walker().ask(at(registry, '/sign-in/oidc'))
  assert.equal(location, '/sign-in?problem=provider')
  assert.equal((await registry.call('GET', '/v2/', { headers })).status, 200)
})

test('without a provider there is no way to one', async () => {
  await using registry = await startTestRegistry()
  const missing = await registry.call('GET', '/sign-in/oidc')
  assert.equal(missing.status, 404)
  assert.match(await messageIn(missing), /page not found/)
})
