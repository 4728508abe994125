import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { ContainerTop } from '@slipway/client'
import { conflict, hasErrno, invalid, messageOf } from '@slipway/core'
import { type ContainerRoom, publishContainerEvent } from './room.ts'

const run = promisify(execFile)
const defaultArguments = '-ef'

/** Splits a line of ps into as many fields as there are titles; the last takes the rest. */
const fields = (line: string, count: number): readonly string[] => {
  const words = line.trim().split(/\s+/)
  return [...words.slice(0, count - 1), words.slice(count - 1).join(' ')]
}

/** `GET /containers/{id}/top`: the host's ps, of the container's processes only. */
export const topContainer = async (
  room: ContainerRoom,
  idOrName: string,
  psArguments: string,
): Promise<ContainerTop> => {
  const record = room.records.find(idOrName)
  const { id, state } = record
  const running = room.running.get(id)
  if (running === undefined || state.pid === 0) throw conflict(`container ${id} is not running`)
  if (/[^\w\s,=:%.+-]/.test(psArguments)) throw invalid(`invalid ps arguments: ${psArguments.slice(0, 80)}`)
  const pids = new Set(await running.task.pids())
  const args = (psArguments || defaultArguments).split(/\s+/).filter(Boolean)
  const { stdout } = await run('ps', args).catch((error) => {
    if (hasErrno(error, 'ENOENT')) throw invalid('ps was not found on the host: install procps', error)
    const { stderr = '', code } = error as { readonly stderr?: string; readonly code?: unknown }
    const [why = ''] = stderr.split('\n')
    throw invalid(`ps: ${why || (typeof code === 'number' ? `exit status ${code}` : messageOf(error))}`, error)
  })
  const [head = '', ...lines] = stdout.trimEnd().split('\n')
  const titles = head.trim().split(/\s+/)
  const pidColumn = titles.indexOf('PID')
  if (pidColumn === -1) throw invalid("Couldn't find PID field in ps output")
  publishContainerEvent(room, record, 'top')
  const rows = lines.map((line) => fields(line, titles.length))
  return { Titles: titles, Processes: rows.filter((row) => pids.has(Number(row[pidColumn]))) }
}
