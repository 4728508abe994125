import assert from 'node:assert/strict'
import type { TestRegistry } from '../testing.ts'

export const json = (body: object): RequestInit => ({
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json' },
})

/** What a browser is to a test: it keeps its cookies, and says whose page asks. */
export interface TestBrowser {
  readonly cookie: () => string
  readonly ask: (method: string, path: string, init?: RequestInit) => Promise<Response>
}

export const browserOf = (registry: TestRegistry): TestBrowser => {
  const jar = new Map<string, string>()
  const cookie = (): string => [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
  return {
    cookie,
    ask: async (method, path, init = {}) => {
      const response = await registry.call(method, path, {
        ...init,
        headers: { cookie: cookie(), origin: registry.url, ...init.headers },
      })
      for (const line of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
        jar.set(name, value)
      }
      return response
    },
  }
}

export const signedIn = async (registry: TestRegistry, user: string, password = 'secret'): Promise<TestBrowser> => {
  const browser = browserOf(registry)
  const response = await browser.ask('POST', '/api/v1/session', json({ user, password }))
  assert.equal(response.status, 204)
  return browser
}

/** The message of a refusal. */
export const messageIn = async (response: Response): Promise<string> =>
  ((await response.json()) as { readonly errors: readonly { readonly message: string }[] }).errors[0]?.message ?? ''
