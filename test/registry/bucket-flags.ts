import type { Bucket } from '@slipway/registry/s3-servers'

/** The flags by which a registry keeps its blobs in a bucket. */
export const flagsOf = ({ bucket, prefix, endpoint = '', keys }: Bucket): readonly string[] => [
  ...['--storage', `s3://${bucket}/${prefix}`, '--s3-endpoint', endpoint],
  ...(keys ? ['--s3-access-key-id', keys.accessKeyId, '--s3-secret-access-key', keys.secretAccessKey] : []),
]
