import type { HubSession } from '@slipway/client'
import { ChoosePasswordPage } from './password.tsx'
import { SetUpPage } from './second-factor.tsx'

/** What is to be done before all else, in place of every page. */
export const DuePage = ({ due }: { readonly due: NonNullable<HubSession['due']> }) =>
  due === 'password' ? <ChoosePasswordPage /> : <SetUpPage />
