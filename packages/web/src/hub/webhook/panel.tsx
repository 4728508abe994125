import type { WebhookDelivery } from '@slipway/client'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Copyable } from '../../parts/copyable.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Form } from '../../parts/form.tsx'
import { Problem } from '../../parts/problem.tsx'
import { Since } from '../../parts/since.tsx'
import { Table } from '../../parts/table.tsx'
import { TextField } from '../../parts/text-field.tsx'
import { useWords } from '../../words/words.tsx'
import { deliveriesQuery, webhooksQuery, webhookVerbs } from './queries.ts'

interface Place {
  /** Undefined: all of the registry. */
  readonly project: string | undefined
}

const Outcome = ({ delivery: { nextAt, attempts, error } }: { readonly delivery: WebhookDelivery }) => {
  const { hub: words } = useWords()
  if (nextAt !== null) return <span className="badge warn">{words.pending(attempts)}</span>
  return (
    <span className={error === null ? 'badge good' : 'badge bad'}>{error === null ? words.told : words.givenUp}</span>
  )
}

interface DeliveriesProps extends Place {
  readonly id: string
  readonly onClose: () => void
}

const Deliveries = ({ project, id, onClose }: DeliveriesProps) => {
  const { hub: words } = useWords()
  const { data, error } = useQuery(deliveriesQuery(project, id))
  const again = useMutation({ mutationFn: (delivery: string) => webhookVerbs(project).redeliver(id, delivery) })
  return (
    <Dialog title={words.deliveries} isOpen onClose={onClose}>
      <Problem error={error ?? again.error} />
      {data?.deliveries.length === 0 ? <p className="quiet">{words.noDeliveries}</p> : null}
      <ol className="history">
        {data?.deliveries.map((delivery) => (
          <li key={delivery.id} className="row">
            <Outcome delivery={delivery} />
            <code>
              {delivery.payload.event} {delivery.payload.repository}:{delivery.payload.tag}
            </code>
            <span className="quiet">
              <Since moment={delivery.createdAt} /> {delivery.error}
            </span>
            <span className="space" />
            <button type="button" className="button small" onClick={() => again.mutate(delivery.id)}>
              {words.again}
            </button>
          </li>
        ))}
      </ol>
    </Dialog>
  )
}

const NewWebhook = ({ project }: Place) => {
  const { hub: words } = useWords()
  const [url, setUrl] = useState('')
  const [pattern, setPattern] = useState(project === undefined ? '**' : `${project}/**`)
  const add = useMutation({ mutationFn: () => webhookVerbs(project).add(url, pattern) })
  const outcome = add.data && (
    <>
      <p>{words.secretOnce}</p>
      <Copyable text={add.data.secret} />
    </>
  )
  return (
    <Form title={words.newWebhook} action={words.create} call={add} outcome={outcome}>
      <TextField label={words.address} value={url} onChange={setUrl} type="url" />
      <TextField label={words.pattern} hint={words.patternHint} value={pattern} onChange={setPattern} isMono />
    </Form>
  )
}

/** Who is told of what happens: in a project, or in all of the registry. */
export const WebhookPanel = ({ project }: Place) => {
  const { hub: words } = useWords()
  const { data, error } = useQuery(webhooksQuery(project))
  const [shown, setShown] = useState<string>()
  const remove = useMutation({ mutationFn: webhookVerbs(project).remove })
  return (
    <>
      <Problem error={error ?? remove.error} />
      {data === undefined || data.webhooks.length === 0 ? null : (
        <Table
          columns={[
            { name: words.address },
            { name: words.pattern },
            { name: words.by },
            { name: words.deliveries, isHidden: true },
          ]}
        >
          {data.webhooks.map(({ id, url, pattern, createdBy }) => (
            <tr key={id}>
              <td className="wide mono">{url}</td>
              <td className="mono">{pattern}</td>
              <td>{createdBy}</td>
              <td className="number">
                <button type="button" className="button small" onClick={() => setShown(id)}>
                  {words.deliveries}
                </button>{' '}
                <button type="button" className="button small" onClick={() => remove.mutate(id)}>
                  {words.remove}
                </button>
              </td>
            </tr>
          ))}
        </Table>
      )}
      <NewWebhook project={project} />
      {shown === undefined ? null : <Deliveries project={project} id={shown} onClose={() => setShown(undefined)} />}
    </>
  )
}
