import type { Bucket } from '@slipway/registry/moto'

/** The flags by which a registry keeps its blobs in a bucket. */
export const flagsOf = ({ bucket, prefix, endpoint = '', accessKeyId, secretAccessKey }: Bucket): readonly string[] => [
  ...['--storage', `s3://${bucket}/${prefix}`, '--s3-endpoint', endpoint],
  ...['--s3-access-key-id', accessKeyId, '--s3-secret-access-key', secretAccessKey],
]
