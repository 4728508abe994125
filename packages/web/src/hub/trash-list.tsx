import { useMutation, useQuery } from '@tanstack/react-query'
import { shortId } from '../format/short-id.ts'
import { sizeText } from '../format/size.ts'
import { Problem } from '../parts/problem.tsx'
import { Since } from '../parts/since.tsx'
import { Table } from '../parts/table.tsx'
import { useWords } from '../words/words.tsx'
import { trashQuery, verbs } from './queries.ts'

/** What was deleted and can come back. */
export const TrashList = ({ name }: { readonly name: string }) => {
  const { hub: words } = useWords()
  const { data, error } = useQuery(trashQuery(name))
  const restore = useMutation({ mutationFn: (digest?: string) => verbs.restore(name, digest) })
  const trashed = data?.manifests ?? []
  if (error !== null) return <Problem error={error} />
  if (data !== undefined && trashed.length === 0) return <p className="quiet">{words.trashEmpty}</p>
  return (
    <>
      <Problem error={restore.error} />
      <div className="row">
        <span className="space" />
        <button type="button" className="button" onClick={() => restore.mutate(undefined)}>
          {words.restoreAll}
        </button>
      </div>
      <Table
        columns={[
          { name: words.digest },
          { name: words.kind },
          { name: words.size, isNumber: true },
          { name: words.deletedAt },
          { name: words.by },
          { name: words.restore, isHidden: true },
        ]}
      >
        {trashed.map(({ digest, mediaType, size, deletedAt, deletedBy }) => (
          <tr key={digest}>
            <td className="mono">{shortId(digest)}</td>
            <td className="wide mono quiet">{mediaType}</td>
            <td className="number">{sizeText(size)}</td>
            <td className="quiet">
              <Since moment={deletedAt} />
            </td>
            <td>{deletedBy}</td>
            <td className="number">
              <button type="button" className="button small" onClick={() => restore.mutate(digest)}>
                {words.restore}
              </button>
            </td>
          </tr>
        ))}
      </Table>
    </>
  )
}
