import { hasCode, SlipwayError } from '@slipway/core'
import type { S3Client } from './client.ts'
import type { Part } from './state.ts'
import { elementsOf, textOf } from './xml.ts'

export const beginMultipart = async (client: S3Client, key: string): Promise<string> => {
  const { text } = await client.sendForText({ method: 'POST', key, query: { uploads: '' } })
  const uploadId = textOf(text, 'UploadId')
  if (uploadId === undefined) throw new SlipwayError('internal', 'the storage began no multipart upload')
  return uploadId
}

interface PartPlace {
  readonly key: string
  readonly uploadId: string
  /** Counted from 1. */
  readonly number: number
}

export const putPart = async (
  client: S3Client,
  { key, uploadId, number }: PartPlace,
  body: Uint8Array<ArrayBuffer>,
): Promise<Part> => {
  const query = { partNumber: String(number), uploadId }
  const { headers } = await client.sendForText({ method: 'PUT', key, query, body })
  return { etag: String(headers['etag']), size: body.length }
}

/** Makes the parts one object. Throws not-found when there is no such upload any more. */
export const completeMultipart = async (
  client: S3Client,
  key: string,
  uploadId: string,
  parts: readonly Part[],
): Promise<void> => {
  const list = parts.map(({ etag }, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${etag}</ETag></Part>`)
  const body = Buffer.from(`<CompleteMultipartUpload>${list.join('')}</CompleteMultipartUpload>`)
  const { text } = await client.sendForText({ method: 'POST', key, query: { uploadId }, body })
  // The storage answers 200 before it has begun, so that nobody waits in silence; what goes wrong then comes in the body.
  const [problem] = elementsOf(text, 'Error')
  if (problem !== undefined) {
    throw new SlipwayError('unavailable', 'the storage could not put an object together', {
      cause: new Error(problem),
      detail: { retryAfterSeconds: 5 },
    })
  }
}

export const abortMultipart = async (client: S3Client, key: string, uploadId: string): Promise<void> => {
  try {
    await client.sendForText({ method: 'DELETE', key, query: { uploadId } })
  } catch (error) {
    if (!hasCode(error, 'not-found')) throw error
  }
}

export interface MultipartUpload {
  /** Without the bucket's prefix. */
  readonly key: string
  readonly uploadId: string
  readonly initiated: Date
}

/** The multipart uploads that were begun and neither completed nor aborted, of keys that begin so. */
export async function* listMultipart(client: S3Client, prefix: string): AsyncGenerator<MultipartUpload, void, void> {
  let marker: Record<string, string> = {}
  while (true) {
    const query = { uploads: '', prefix: client.prefix + prefix, ...marker }
    const { text } = await client.sendForText({ method: 'GET', key: '', query })
    for (const upload of elementsOf(text, 'Upload')) {
      const [key, uploadId] = [textOf(upload, 'Key'), textOf(upload, 'UploadId')]
      if (key === undefined || uploadId === undefined) continue
      const initiated = new Date(textOf(upload, 'Initiated') ?? 0)
      yield { key: key.slice(client.prefix.length), uploadId, initiated }
    }
    if (textOf(text, 'IsTruncated') !== 'true') return
    marker = {
      'key-marker': textOf(text, 'NextKeyMarker') ?? '',
      'upload-id-marker': textOf(text, 'NextUploadIdMarker') ?? '',
    }
  }
}
