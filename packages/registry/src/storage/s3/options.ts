export interface Keys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Belongs to a secret that is lent. */
  readonly sessionToken?: string | undefined
}

/** A bucket of S3, or of what speaks its protocol. */
export interface S3Options {
  readonly bucket: string
  /** Before every key: '' or `registry/`. */
  readonly prefix: string
  readonly region: string
  /** `http://minio:9000`, with the bucket in the path; without it, Amazon's own address for the bucket. */
  readonly endpoint?: string | undefined
  /** Undefined: those that the machine is given, wherever Amazon's own tools would find them. */
  readonly keys: Keys | undefined
  /** Whether clients are sent to the bucket for whole blobs: it must be reachable for them. */
  readonly redirect: boolean
}

/** The address of a key in the bucket, and of the bucket itself for ''. */
export const addressOf = ({ bucket, region, endpoint, prefix }: S3Options, key: string): URL => {
  const base = endpoint?.replace(/\/+$/, '')
  const root = base === undefined ? `https://${bucket}.s3.${region}.amazonaws.com` : `${base}/${bucket}`
  return new URL(key === '' ? root : `${root}/${prefix}${key}`)
}
