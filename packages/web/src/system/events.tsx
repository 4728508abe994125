import type { EventMessage } from '@slipway/client'
import { Link } from '@tanstack/react-router'
import { useEventFeed } from '../engine/events.ts'
import { shortId } from '../format/short-id.ts'
import { PageHead } from '../parts/page-head.tsx'
import { Table } from '../parts/table.tsx'
import { useLanguage } from '../words/words.tsx'

const Subject = ({ Type, Actor }: EventMessage) => {
  const name = Actor.Attributes['name'] ?? shortId(Actor.ID)
  if (Type !== 'container') return <>{name}</>
  return (
    <Link to="/containers/$id" params={{ id: Actor.ID }}>
      {name}
    </Link>
  )
}

export const EventsPage = () => {
  const { language, words } = useLanguage()
  const { events } = useEventFeed()
  return (
    <>
      <PageHead title={words.events.title} about={words.events.about} />
      {events.length === 0 ? (
        <p className="quiet">{words.events.none}</p>
      ) : (
        <Table
          columns={[
            { name: words.events.time },
            { name: words.events.kind },
            { name: words.events.action },
            { name: words.events.what },
          ]}
        >
          {events.map((event) => (
            <tr key={`${event.timeNano} ${event.Action} ${event.Actor.ID}`}>
              <td className="mono">{new Date(event.timeNano / 1e6).toLocaleTimeString(language)}</td>
              <td>{event.Type}</td>
              <td className="wide mono" title={event.Action}>
                {event.Action}
              </td>
              <td className="wide mono">
                <Subject {...event} />
              </td>
            </tr>
          ))}
        </Table>
      )}
    </>
  )
}
