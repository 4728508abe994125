import { type EventMessage, systemEvents } from '@slipway/client'
import { defineCommand, none } from '../../command.ts'
import { filters, text } from '../../flags/flag.ts'
import { inspectFormatHelp } from '../../format/format-help.ts'
import { compileFormat } from '../../format/inspect.ts'
import { toTimestamp } from '../../format/timestamp.ts'
import { printLine } from '../../terminal/console.ts'

const nanoLength = 9

/** RFC 3339 in local time with nine digits; the last three of `timeNano` are lost in a JSON number. */
const showTime = ({ time, timeNano }: EventMessage): string => {
  const date = new Date(time * 1000)
  const offset = -date.getTimezoneOffset()
  const local = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, 19)
  const nano = String(BigInt(Math.trunc(timeNano)) % 1_000_000_000n).padStart(nanoLength, '0')
  const clock = [Math.trunc(Math.abs(offset) / 60), Math.abs(offset) % 60].map((part) => String(part).padStart(2, '0'))
  return `${local}.${nano}${offset === 0 ? 'Z' : `${offset < 0 ? '-' : '+'}${clock.join(':')}`}`
}

const sortedByName = (attributes: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)))

const showEvent = (event: EventMessage): string => {
  const { Type, Action, Actor } = event
  const attributes = Object.entries(sortedByName(Actor.Attributes ?? {})).map(([name, value]) => `${name}=${value}`)
  const suffix = attributes.length === 0 ? '' : ` (${attributes.join(', ')})`
  return `${showTime(event)} ${Type} ${Action} ${Actor.ID}${suffix}`
}

/** As docker's program holds an event: with capitals, but for JSON. */
const asTemplateData = ({ Type, Action, Actor, scope, time, timeNano, status, id, from }: EventMessage): unknown => {
  const actor = { ID: Actor.ID, Attributes: sortedByName(Actor.Attributes ?? {}) }
  const json = { status, id, from, Type, Action, Actor: actor, scope, time, timeNano }
  const fields = {
    Status: status ?? '',
    ID: id ?? '',
    From: from ?? '',
    Type,
    Action,
    Actor: actor,
    Scope: scope ?? '',
  }
  return Object.assign(Object.create({ toJSON: () => json }), { ...fields, Time: time, TimeNano: timeNano })
}

const anyEvent: EventMessage = { Type: '', Action: '', Actor: { ID: '', Attributes: {} }, time: 0, timeNano: 0 }

/** Throws Exit for a template that goes wrong with any event, before there is one. */
const readFormat = (format: string): ((event: EventMessage) => string) => {
  const print = compileFormat(format, 'events', '*events.Message')
  print(asTemplateData(anyEvent))
  return (event) => print(asTemplateData(event))
}

export const command = defineCommand({
  names: ['system events', 'events'],
  usage: '[OPTIONS]',
  summary: 'Get real time events from the server',
  operands: none,
  flags: {
    filter: filters(),
    format: text('', inspectFormatHelp),
    since: text('', 'Show all events created since timestamp'),
    until: text('', 'Stream events until this timestamp'),
  },
  run: async ({ flags, session: { console, client } }) => {
    const show = flags.format ? readFormat(flags.format) : showEvent
    const events = await systemEvents(await client(), {
      since: toTimestamp(flags.since),
      until: toTimestamp(flags.until),
      filters: flags.filter,
    })
    for await (const event of events) printLine(console, show(event))
    return 0
  },
})
