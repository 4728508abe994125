import { useQuery } from '@tanstack/react-query'
import { PageHead } from '../../parts/page-head.tsx'
import { useWords } from '../../words/words.tsx'
import { sessionQuery } from '../queries.ts'
import { Browsers } from './browsers.tsx'
import { Identities } from './identities.tsx'
import { ChangePassword } from './password.tsx'
import { SecondFactor } from './second-factor.tsx'
import { NewToken, Tokens } from './tokens.tsx'

/** One's own account. */
export const AccountPage = () => {
  const { account: words } = useWords()
  const { account, origin } = useQuery(sessionQuery).data ?? {}
  return (
    <>
      <PageHead title={account ?? ''} about={words.yours} />
      <Tokens />
      <div className="sheets">
        <NewToken account={account ?? ''} />
        {origin === 'local' ? <ChangePassword /> : null}
        {origin === 'oidc' ? null : <SecondFactor />}
      </div>
      <Browsers />
      <Identities isLocal={origin === 'local'} />
    </>
  )
}
