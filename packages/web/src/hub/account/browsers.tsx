import type { HubBrowser } from '@slipway/client'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Problem } from '../../parts/problem.tsx'
import { Since } from '../../parts/since.tsx'
import { Table } from '../../parts/table.tsx'
import { useWords } from '../../words/words.tsx'
import { browsersQuery, verbs } from '../queries.ts'
import { browserName } from './browser-name.ts'

const Row = ({ browser, onEnd }: { readonly browser: HubBrowser; readonly onEnd: () => void }) => {
  const { account: words } = useWords()
  const { agent, address, createdAt, usedAt, isThis } = browser
  return (
    <tr>
      <td title={agent}>
        {browserName(agent) || '–'} {isThis ? <span className="badge good">{words.thisBrowser}</span> : null}
      </td>
      <td className="mono">{address}</td>
      <td className="quiet">
        <Since moment={createdAt} />
      </td>
      <td className="quiet">{usedAt === null ? '–' : <Since moment={usedAt} />}</td>
      <td className="number">
        {isThis ? null : (
          <button type="button" className="button small" onClick={onEnd}>
            {words.endSession}
          </button>
        )}
      </td>
    </tr>
  )
}

/** Where one has signed in. */
export const Browsers = () => {
  const { account: words, hub } = useWords()
  const { data, error } = useQuery(browsersQuery)
  const end = useMutation({ mutationFn: verbs.endSession })
  return (
    <section className="stack">
      <h2>{words.sessions}</h2>
      <Problem error={error ?? end.error} />
      <Table
        columns={[
          { name: words.browser },
          { name: words.from },
          { name: words.signedIn },
          { name: hub.lastUsed },
          { name: words.endSession, isHidden: true },
        ]}
      >
        {data?.sessions.map((browser) => (
          <Row key={browser.id} browser={browser} onEnd={() => end.mutate(browser.id)} />
        ))}
      </Table>
    </section>
  )
}
