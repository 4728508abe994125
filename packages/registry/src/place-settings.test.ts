import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readCommandLine } from './config.ts'

const keys = { AWS_ACCESS_KEY_ID: 'me', AWS_SECRET_ACCESS_KEY: 'hush' }

test('a bucket is named by one setting, and its keys come from the environment', async () => {
  const { config } = await readCommandLine(
    ['--storage', 's3://images/a//b', '--s3-endpoint', 'http://minio:9000'],
    keys,
  )
  assert.deepEqual(config.bucket, {
    bucket: 'images',
    prefix: 'a/b/',
    region: 'us-east-1',
    endpoint: 'http://minio:9000',
    keys: { accessKeyId: 'me', secretAccessKey: 'hush', sessionToken: undefined },
    redirect: false,
  })
  // Those that the machine is given, whatever these are.
  assert.equal((await readCommandLine(['--storage', 's3://images'], {})).config.bucket?.keys, undefined)
})

test('without words, everything is in the data root', async () => {
  const { config } = await readCommandLine([], {})
  assert.deepEqual([config.bucket, config.database], [undefined, undefined])
})

for (const [argv, problem] of [
  [['--database', 'mysql://h/x'], /use postgres:\/\/USER:PASSWORD@HOST\/NAME/],
  [['--storage', 'images'], /use s3:\/\/BUCKET/],
  [['--storage', 's3://UPPER'], /use s3:\/\/BUCKET/],
  [['--storage', 's3://images', '--s3-endpoint', 'minio:9000'], /use http:\/\/HOST:PORT/],
] as const) {
  test(`${argv.join(' ')} is refused`, () => assert.rejects(readCommandLine([...argv], keys), problem))
}

test('half of the keys is refused, and a password is not shown', async () => {
  const half = { AWS_ACCESS_KEY_ID: 'me' }
  await assert.rejects(readCommandLine(['--storage', 's3://images'], half), /s3-secret-access-key come together/)
  await assert.rejects(readCommandLine(['--database', 'nonsense:secret@x'], {}), (error: Error) => {
    return !error.message.includes('secret')
  })
})
