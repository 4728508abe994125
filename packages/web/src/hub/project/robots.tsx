import type { ProjectPage, ProjectRobot } from '@slipway/client'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Copyable } from '../../parts/copyable.tsx'
import { Form } from '../../parts/form.tsx'
import { Problem } from '../../parts/problem.tsx'
import { Since } from '../../parts/since.tsx'
import { Table } from '../../parts/table.tsx'
import { TextField } from '../../parts/text-field.tsx'
import { useWords } from '../../words/words.tsx'
import { projectVerbs, robotsQuery, type Secret } from './queries.ts'

/** Told once, with the command that takes it. */
const SecretOnce = ({ secret: { name, secret } }: { readonly secret: Secret }) => (
  <>
    <p>{useWords().project.robotOnce}</p>
    <Copyable text={secret} />
    <p>
      <code>{`docker login -u ${name} ${location.host}`}</code>
    </p>
  </>
)

const NewRobot = ({ project }: { readonly project: string }) => {
  const { hub, project: words } = useWords()
  const [form, setForm] = useState({ name: '', actions: 'pull,push', expiresIn: '90d' })
  const add = useMutation({
    mutationFn: () => {
      const { name, actions, expiresIn } = form
      return projectVerbs.addRobot(project, { name, actions, ...(expiresIn.trim() === '' ? {} : { expiresIn }) })
    },
  })
  const change = (name: keyof typeof form) => (value: string) => setForm({ ...form, [name]: value })
  return (
    <Form title={words.newRobot} action={hub.create} call={add} outcome={add.data && <SecretOnce secret={add.data} />}>
      <TextField
        label={hub.name}
        hint={words.robotNameHint(project)}
        value={form.name}
        onChange={change('name')}
        isMono
      />
      <TextField
        label={hub.actions}
        hint={words.robotActionsHint}
        value={form.actions}
        onChange={change('actions')}
        isMono
      />
      <TextField
        label={hub.expiresIn}
        hint={hub.expiresHint}
        value={form.expiresIn}
        onChange={change('expiresIn')}
        isOptional
      />
    </Form>
  )
}

interface RowProps {
  readonly robot: ProjectRobot
  readonly onRenew: () => void
  readonly onRemove: () => void
}

const Row = ({ robot: { name, rights, expiresAt, usedAt }, onRenew, onRemove }: RowProps) => {
  const { hub, project: words } = useWords()
  return (
    <tr>
      <td className="mono">{name}</td>
      <td className="mono">{rights}</td>
      <td>{expiresAt === null ? hub.never : new Date(expiresAt).toLocaleDateString()}</td>
      <td className="quiet">{usedAt === null ? hub.never : <Since moment={usedAt} />}</td>
      <td className="number">
        <button type="button" className="button small" onClick={onRenew}>
          {words.newSecret}
        </button>{' '}
        <button type="button" className="button small" onClick={onRemove}>
          {hub.remove}
        </button>
      </td>
    </tr>
  )
}

/** The accounts of programs in a project. */
export const Robots = ({ page }: { readonly page: ProjectPage }) => {
  const { hub, project: words } = useWords()
  const { data, error } = useQuery(robotsQuery(page.name))
  const renew = useMutation({ mutationFn: (robot: string) => projectVerbs.renewRobot(page.name, robot) })
  const remove = useMutation({ mutationFn: (robot: string) => projectVerbs.removeRobot(page.name, robot) })
  return (
    <>
      <p className="quiet">{words.robotsAbout}</p>
      <Problem error={error ?? renew.error ?? remove.error} />
      {renew.data === undefined ? null : (
        <div role="status">
          <SecretOnce secret={renew.data} />
        </div>
      )}
      {data?.robots.length === 0 ? <p className="quiet">{words.noRobots}</p> : null}
      {data === undefined || data.robots.length === 0 ? null : (
        <Table
          columns={[
            { name: hub.name },
            { name: hub.actions },
            { name: hub.expires },
            { name: hub.lastUsed },
            { name: hub.remove, isHidden: true },
          ]}
        >
          {data.robots.map((robot) => (
            <Row
              key={robot.name}
              robot={robot}
              onRenew={() => renew.mutate(robot.name)}
              onRemove={() => remove.mutate(robot.name)}
            />
          ))}
        </Table>
      )}
      <NewRobot project={page.name} />
    </>
  )
}
