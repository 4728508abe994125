import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { buildDockerfile } from './build.ts'
import { makeContext, recordedRequest } from './testing/request.ts'
import { openTestWorker } from './testing/worker.ts'

test('a Dockerfile becomes an image, and becomes it again from the cache', async () => {
  await using made = await openTestWorker()
  using context = makeContext({ 'hello.txt': 'hello\n' })
  const dockerfile = [
    'FROM busybox',
    'ENV GREETING=hi',
    'RUN echo $GREETING there > /greeting && cat /greeting',
    'COPY hello.txt /data/',
    'CMD ["cat", "/greeting"]',
  ].join('\n')
  const first = recordedRequest({ dockerfile, context: context.path, tags: ['web:v1'] })
  const built = await buildDockerfile(first.request, made.worker)
  assert.equal(first.output(), 'hi there\n')
  assert.deepEqual(first.cached(), [])
  assert.equal(made.tags.get('web:v1'), built.id)
  await made.look(built.id, (root) => {
    assert.equal(readFileSync(join(root, 'greeting'), 'utf8'), 'hi there\n')
    assert.equal(readFileSync(join(root, 'data/hello.txt'), 'utf8'), 'hello\n')
    assert.equal(existsSync(join(root, 'etc/resolv.conf')), false)
    assert.equal(existsSync(join(root, 'etc/hosts')), false)
    assert.deepEqual(readdirSync(join(root, 'dev')), [])
  })
  assert.deepEqual(built.config.config?.Cmd, ['cat', '/greeting'])
  assert.equal(built.config.rootfs.diff_ids.length, 3)

  const second = recordedRequest({ dockerfile, context: context.path })
  const again = await buildDockerfile(second.request, made.worker)
  assert.deepEqual(second.cached(), [2, 3, 4, 5])
  assert.equal(again.id, built.id)
})
