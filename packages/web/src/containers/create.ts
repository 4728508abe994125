import type { ContainerCreateResponse } from '@slipway/client'
import { CallError } from '../calls/ask.ts'
import { askEngine, engineJson } from '../engine/calls.ts'
import { pullImage } from '../images/pull.ts'
import { type CreateForm, createRequest } from './create-request.ts'

const make = ({ name, ...form }: CreateForm): Promise<ContainerCreateResponse> =>
  engineJson('/containers/create', {
    method: 'POST',
    query: { name: name === '' ? undefined : name },
    json: createRequest({ name, ...form }),
  })

/** Creates and starts a container, and pulls its image first where it isn't here. Its id. */
export const createContainer = async (form: CreateForm, onPull: () => void): Promise<string> => {
  const { Id } = await make(form).catch(async (error) => {
    if (!(error instanceof CallError && error.status === 404 && /no such image/i.test(error.message))) throw error
    onPull()
    await pullImage(form.image.trim(), () => undefined)
    return await make(form)
  })
  await askEngine(`/containers/${Id}/start`, { method: 'POST' })
  return Id
}
