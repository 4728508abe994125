import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applyChanges } from './changes.ts'

test('applyChanges() changes the config by instructions of a Dockerfile', () => {
  const changes = ['CMD ["nginx", "-g", "daemon off;"]', 'ENV A=1 B=$A', 'EXPOSE 80', 'WORKDIR srv', '']
  const changed = applyChanges({ Env: ['A=0'], WorkingDir: '/x', User: 'web' }, changes)
  assert.deepEqual(changed.Cmd, ['nginx', '-g', 'daemon off;'])
  assert.deepEqual(changed.Env, ['A=1', 'B=0'])
  assert.deepEqual(changed.ExposedPorts, { '80/tcp': {} })
  assert.equal(changed.WorkingDir, '/x/srv')
  assert.equal(changed.User, 'web')
})

test('applyChanges() refuses what does more than change the config', () => {
  assert.throws(() => applyChanges({}, ['RUN true']), { code: 'invalid', message: 'RUN is not a valid change command' })
  assert.throws(() => applyChanges({}, ['NONSENSE 1']), { code: 'invalid' })
})
