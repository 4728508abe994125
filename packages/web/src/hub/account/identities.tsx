import { useMutation, useQuery } from '@tanstack/react-query'
import { Problem } from '../../parts/problem.tsx'
import { Table } from '../../parts/table.tsx'
import { useWords } from '../../words/words.tsx'
import { identitiesQuery, verbs, waysQuery } from '../queries.ts'

/** Who one is elsewhere. */
export const Identities = ({ isLocal }: { readonly isLocal: boolean }) => {
  const { hub, account: words } = useWords()
  const { data, error } = useQuery(identitiesQuery)
  const provider = useQuery(waysQuery).data?.provider ?? null
  const unlink = useMutation({ mutationFn: verbs.unlinkIdentity })
  const identities = data?.identities ?? []
  if (identities.length === 0 && provider === null) return null
  return (
    <section className="stack">
      <h2>{words.identities}</h2>
      <Problem error={error ?? unlink.error} />
      {identities.length === 0 ? null : (
        <Table columns={[{ name: hub.name }, { name: words.from }, { name: words.unlink, isHidden: true }]}>
          {identities.map(({ id, label, issuer }) => (
            <tr key={id}>
              <td>{label}</td>
              <td className="mono">{issuer}</td>
              <td className="number">
                {isLocal ? (
                  <button type="button" className="button small" onClick={() => unlink.mutate(id)}>
                    {words.unlink}
                  </button>
                ) : null}
              </td>
            </tr>
          ))}
        </Table>
      )}
      {provider !== null && isLocal ? (
        <a className="button" href="/sign-in/oidc?link=1">
          {words.linkWith(provider)}
        </a>
      ) : null}
    </section>
  )
}
