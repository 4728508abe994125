import { HubSignIn } from '@slipway/client/hub'
import { type ApiRoute, route } from '../api/route.ts'
import { nobody } from '../api/who.ts'
import { identityRoutes } from './elsewhere/routes.ts'
import { secondFactorRoutes } from './second-factor/routes.ts'
import { signUpRoutes } from './sign-up/routes.ts'

export const signInRoutes: readonly ApiRoute[] = [
  route('GET', '/api/v1/sign-in', {
    id: 'readSignIn',
    summary: 'The ways to come in, for the page that offers them',
    who: nobody,
    answer: HubSignIn,
    handle: async (_asked, { signIn: { settings } }) => ({
      signUp: settings.signUp,
      provider: settings.oidc?.label ?? null,
    }),
  }),
  ...signUpRoutes,
  ...secondFactorRoutes,
  ...identityRoutes,
]
