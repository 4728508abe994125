import type { Socket } from 'node:net'
import type { EngineClient } from '../connection/engine-client.ts'
import type { ExecCreateBody, ExecCreateResponse, ExecInspect, ExecStartBody } from '../wire/exec.ts'

const at = (id: string, verb: string): string => `/exec/${encodeURIComponent(id)}${verb}`

export const createExec = (
  client: EngineClient,
  containerId: string,
  body: ExecCreateBody,
): Promise<ExecCreateResponse> =>
  client.json({ method: 'POST', path: `/containers/${encodeURIComponent(containerId)}/exec`, json: body })

/** Starts it in the background. */
export const startExec = (client: EngineClient, id: string, body: ExecStartBody = {}): Promise<void> =>
  client.send({ method: 'POST', path: at(id, '/start'), json: { ...body, Detach: true } })

/** Starts it with its streams on the connection, as `attachContainer` has them. */
export const attachExec = (
  client: EngineClient,
  id: string,
  body: ExecStartBody,
  { signal }: { signal?: AbortSignal } = {},
): Promise<Socket> => client.hijack({ path: at(id, '/start'), json: { ...body, Detach: false }, signal })

export const inspectExec = (client: EngineClient, id: string): Promise<ExecInspect> =>
  client.json({ path: at(id, '/json') })

export const resizeExec = (
  client: EngineClient,
  id: string,
  { height, width }: { readonly height: number; readonly width: number },
): Promise<void> => client.send({ method: 'POST', path: at(id, '/resize'), query: { h: height, w: width } })
