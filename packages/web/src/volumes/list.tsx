import type { ContainerSummary, Volume } from '@slipway/client'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { askEngine } from '../engine/calls.ts'
import { containersQuery, volumesQuery } from '../engine/queries.ts'
import { plainName } from '../format/short-id.ts'
import { Confirm } from '../parts/confirm.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Empty } from '../parts/empty.tsx'
import { Field } from '../parts/field.tsx'
import { FormEnd } from '../parts/form-end.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { Problem } from '../parts/problem.tsx'
import { Since } from '../parts/since.tsx'
import { Table } from '../parts/table.tsx'
import { useWords } from '../words/words.tsx'

const usersOf = (name: string, containers: readonly ContainerSummary[]): readonly ContainerSummary[] =>
  containers.filter(({ Mounts }) => Mounts.some((mount) => mount.Type === 'volume' && mount.Name === name))

const CreateVolumeDialog = ({ onClose }: { readonly onClose: () => void }) => {
  const { volumes: words } = useWords()
  const [name, setName] = useState('')
  const create = useMutation({
    mutationFn: () => askEngine('/volumes/create', { method: 'POST', json: { Name: name } }),
    onSuccess: onClose,
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    create.mutate()
  }
  return (
    <Dialog title={words.new} isOpen onClose={onClose}>
      <form onSubmit={submit}>
        <Field label={words.name}>
          <input required value={name} onChange={(event) => setName(event.target.value)} />
        </Field>
        <Problem error={create.error} />
        <FormEnd action={words.button} isPending={create.isPending} onClose={onClose} />
      </form>
    </Dialog>
  )
}

interface RowProps {
  readonly volume: Volume
  readonly users: readonly ContainerSummary[]
  readonly onRemove: () => void
}

const Row = ({ volume: { Name, Driver, Mountpoint, CreatedAt }, users, onRemove }: RowProps) => {
  const { volumes: words } = useWords()
  return (
    <tr>
      <td className="wide mono" title={Name}>
        {Name}
      </td>
      <td className="some-room">{Driver}</td>
      <td>
        <span className="chips">
          {users.map(({ Id, Names }) => (
            <Link key={Id} to="/containers/$id" params={{ id: Id }}>
              {plainName(Names[0])}
            </Link>
          ))}
        </span>
      </td>
      <td className="wide mono quiet some-room" title={Mountpoint}>
        {Mountpoint}
      </td>
      <td className="quiet some-room">{CreatedAt === undefined ? '–' : <Since moment={CreatedAt} />}</td>
      <td className="number">
        <button type="button" className="button small" onClick={onRemove}>
          {words.remove}
        </button>
      </td>
    </tr>
  )
}

export const VolumesPage = () => {
  const { volumes: words } = useWords()
  const { data, error } = useQuery(volumesQuery)
  const containers = useQuery(containersQuery).data ?? []
  const [isCreating, setCreating] = useState(false)
  const [removing, setRemoving] = useState<string>()
  const volumes = data?.Volumes ?? []
  return (
    <>
      <PageHead title={words.title}>
        <button type="button" className="button main-action" onClick={() => setCreating(true)}>
          {words.new}
        </button>
      </PageHead>
      <Problem error={error} />
      {data !== undefined && volumes.length === 0 ? (
        <Empty title={words.none} about={words.noneAbout} command="docker run -v data:/var/lib/data …" />
      ) : null}
      {volumes.length === 0 ? null : (
        <Table
          columns={[
            { name: words.name },
            { name: words.driver, room: 'some-room' },
            { name: words.usedBy },
            { name: words.path, room: 'some-room' },
            { name: words.created, room: 'some-room' },
            { name: words.remove, isHidden: true },
          ]}
        >
          {volumes.map((volume) => (
            <Row
              key={volume.Name}
              volume={volume}
              users={usersOf(volume.Name, containers)}
              onRemove={() => setRemoving(volume.Name)}
            />
          ))}
        </Table>
      )}
      {isCreating ? <CreateVolumeDialog onClose={() => setCreating(false)} /> : null}
      <Confirm
        title={words.removeTitle(removing ?? '')}
        about={words.removeAbout}
        action={words.remove}
        isOpen={removing !== undefined}
        onClose={() => setRemoving(undefined)}
        onConfirm={() => askEngine(`/volumes/${encodeURIComponent(removing ?? '')}`, { method: 'DELETE' })}
      />
    </>
  )
}
