import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Configuration, Provider } from 'oidc-provider'
import type { OidcSettings } from '../settings.ts'

export interface TestPerson {
  /** What it calls itself; missing: the provider tells no name. */
  readonly name?: string
  readonly groups?: readonly string[]
}

const client = { id: 'slipway', secret: 'between the two of us' }

/**
 * A certified OpenID provider with pages of its own, on a free port of `localhost`: for a browser another site than 127.0.0.1.
 * Who signs in there as `X` is `X`, whatever the password.
 */
export class TestProvider implements AsyncDisposable {
  readonly #server: Server
  readonly #people: Readonly<Record<string, TestPerson>>

  private constructor(server: Server, people: Readonly<Record<string, TestPerson>>) {
    this.#server = server
    this.#people = people
  }

  static async start(people: Readonly<Record<string, TestPerson>>): Promise<TestProvider> {
    const server = createServer()
    await once(server.listen(0, '127.0.0.1'), 'listening')
    return new TestProvider(server, people)
  }

  get issuer(): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}`
  }

  get settings(): OidcSettings {
    return {
      issuer: this.issuer,
      clientId: client.id,
      clientSecret: client.secret,
      scopes: 'openid profile',
      nameClaim: 'preferred_username',
      groupsClaim: 'groups',
      create: false,
      label: 'Example',
    }
  }

  /** The registry has to be there before: its address is the only one that browsers are sent back to. */
  serve(registryUrl: string): void {
    const claimsOf = (subject: string) => {
      const { name, groups } = this.#people[subject] ?? {}
      return { sub: subject, ...(name ? { preferred_username: name } : {}), ...(groups ? { groups: [...groups] } : {}) }
    }
    const configuration: Configuration = {
      clients: [
        {
          client_id: client.id,
          client_secret: client.secret,
          redirect_uris: [`${registryUrl}/sign-in/oidc/callback`],
        },
      ],
      pkce: { required: () => true },
      claims: { openid: ['sub'], profile: ['preferred_username', 'groups'] },
      cookies: { keys: ['for a test'] },
      findAccount: async (_context, subject) => ({ accountId: subject, claims: async () => claimsOf(subject) }),
    }
    const handle = new Provider(this.issuer, configuration).callback()
    this.#server.on('request', (request, response) => void handle(request, response))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
