import type { NetworkInspect } from '@slipway/client'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { askEngine } from '../engine/calls.ts'
import { containersQuery, networksQuery } from '../engine/queries.ts'
import { Confirm } from '../parts/confirm.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { Problem } from '../parts/problem.tsx'
import { Table } from '../parts/table.tsx'
import { useWords } from '../words/words.tsx'
import { CreateNetworkDialog } from './create-dialog.tsx'
import { columnsOf, railsOf, subnetsOf } from './crossings.ts'
import { Picture } from './picture.tsx'

/** Every engine has these; they can't be removed. */
const predefined = new Set(['bridge', 'host', 'none'])

interface RowProps {
  readonly network: NetworkInspect
  /** Running containers on it. */
  readonly users: number
  readonly onRemove: () => void
}

const Row = ({ network, users, onRemove }: RowProps) => {
  const { networks: words } = useWords()
  return (
    <tr>
      <td>{network.Name}</td>
      <td>{network.Driver}</td>
      <td className="mono">{subnetsOf(network) || '–'}</td>
      <td className="number">{users}</td>
      <td>{network.Internal ? <span className="badge">{words.internal}</span> : null}</td>
      <td className="number">
        {predefined.has(network.Name) ? null : (
          <button type="button" className="button small" onClick={onRemove}>
            {words.remove}
          </button>
        )}
      </td>
    </tr>
  )
}

export const NetworksPage = () => {
  const { networks: words } = useWords()
  const { data: networks = [], error } = useQuery(networksQuery)
  const columns = columnsOf(useQuery(containersQuery).data ?? [])
  const [isCreating, setCreating] = useState(false)
  const [removing, setRemoving] = useState<NetworkInspect>()
  const usersOf = (name: string): number =>
    columns.filter(({ crossings }) => crossings.some(({ network }) => network === name)).length
  return (
    <>
      <PageHead title={words.title}>
        <button type="button" className="button main-action" onClick={() => setCreating(true)}>
          {words.new}
        </button>
      </PageHead>
      <Problem error={error} />
      <section className="sheet">
        <h2>{words.picture}</h2>
        <p className="quiet">{columns.length === 0 ? words.alone : words.pictureAbout}</p>
        {columns.length === 0 ? null : <Picture rails={railsOf(networks, columns)} columns={columns} />}
      </section>
      <Table
        columns={[
          { name: words.name },
          { name: words.driver },
          { name: words.subnet },
          { name: words.containers, isNumber: true },
          { name: words.internal, isHidden: true },
          { name: words.remove, isHidden: true },
        ]}
      >
        {networks.map((network) => (
          <Row key={network.Id} network={network} users={usersOf(network.Name)} onRemove={() => setRemoving(network)} />
        ))}
      </Table>
      {isCreating ? <CreateNetworkDialog onClose={() => setCreating(false)} /> : null}
      <Confirm
        title={words.removeTitle(removing?.Name ?? '')}
        about={words.removeAbout}
        action={words.remove}
        isOpen={removing !== undefined}
        onClose={() => setRemoving(undefined)}
        onConfirm={() => askEngine(`/networks/${removing?.Id}`, { method: 'DELETE' })}
      />
    </>
  )
}
