/** S3 servers of a test's own, and what stands in front of one and makes trouble. */
export { type Bucket, Moto } from './moto.ts'
export { Radosgw } from './radosgw.ts'
export { Troubled } from './troubled.ts'
