import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { TestRegistry } from './registry.ts'

const digestOf = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`
const mediaType = 'application/vnd.oci.image.manifest.v1+json'

export interface HandPush {
  readonly name: string
  readonly tag: string
  /** What is in the one layer. */
  readonly layer: string
  /** `ada:secret` */
  readonly login: string
}

/** Pushes an image of one layer as docker would, without an engine; returns its digest. */
export const pushByHand = async (registry: TestRegistry, { name, tag, layer, login }: HandPush): Promise<string> => {
  const authorization = `Basic ${Buffer.from(login).toString('base64')}`
  const call = async (path: string, init: RequestInit): Promise<void> => {
    const headers = { authorization, ...init.headers }
    const response = await fetch(`http://${registry.address}/v2/${name}/${path}`, { ...init, headers })
    assert.equal(response.status, 201, await response.text())
  }
  const part = async (type: string, body: string): Promise<object> => {
    await call(`blobs/uploads/?digest=${digestOf(body)}`, { method: 'POST', body })
    return { mediaType: type, digest: digestOf(body), size: body.length }
  }
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType,
    config: await part('application/vnd.oci.image.config.v1+json', '{"architecture":"amd64","os":"linux"}'),
    layers: [await part('application/vnd.oci.image.layer.v1.tar', layer)],
  })
  await call(`manifests/${tag}`, { method: 'PUT', body: manifest, headers: { 'content-type': mediaType } })
  return digestOf(manifest)
}
