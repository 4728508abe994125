import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRequest, emptyForm, readPort, runCommand, shellWords } from './create-request.ts'

test('readPort() reads all forms of a port', () => {
  const cases: readonly (readonly [string, ReturnType<typeof readPort>])[] = [
    ['80', ['80/tcp', { HostPort: '' }]],
    ['8080:80', ['80/tcp', { HostPort: '8080' }]],
    ['53:53/udp', ['53/udp', { HostPort: '53' }]],
    ['127.0.0.1:5432:5432', ['5432/tcp', { HostPort: '5432', HostIp: '127.0.0.1' }]],
    ['127.0.0.1::80', ['80/tcp', { HostPort: '', HostIp: '127.0.0.1' }]],
    ['[::1]:80:80', ['80/tcp', { HostPort: '80', HostIp: '::1' }]],
  ]
  for (const [line, expected] of cases) assert.deepEqual(readPort(line), expected, line)
  for (const line of ['web', '80/icmp', '1:2:3:4', '']) assert.throws(() => readPort(line), /this is no port/, line)
})

test('shellWords() takes words apart as a shell does', () => {
  assert.deepEqual(shellWords(`sh -c 'echo "a b"' "c d" e\\ f ''`), ['sh', '-c', 'echo "a b"', 'c d', 'e f', ''])
  assert.deepEqual(shellWords('  '), [])
  assert.throws(() => shellWords(`echo 'a`), /never closed/)
})

test('createRequest() and runCommand() say the same', () => {
  const form = {
    ...emptyForm,
    image: 'nginx',
    name: 'web',
    command: `sh -c 'sleep 1'`,
    ports: '8080:80\n8081:80\n\n',
    environment: 'A=1\nGREETING=hello you',
    volumes: 'data:/data',
    network: 'back',
    restart: 'always' as const,
    tty: true,
  }
  assert.deepEqual(createRequest(form), {
    Image: 'nginx',
    Cmd: ['sh', '-c', 'sleep 1'],
    Env: ['A=1', 'GREETING=hello you'],
    ExposedPorts: { '80/tcp': {} },
    Tty: true,
    OpenStdin: true,
    HostConfig: {
      PortBindings: { '80/tcp': [{ HostPort: '8080' }, { HostPort: '8081' }] },
      Binds: ['data:/data'],
      NetworkMode: 'back',
      RestartPolicy: { Name: 'always' },
      AutoRemove: false,
    },
  })
  assert.equal(
    runCommand(form),
    `docker run -d -it --name web -p 8080:80 -p 8081:80 -e A=1 -e 'GREETING=hello you' -v data:/data --network back --restart always nginx sh -c 'sleep 1'`,
  )
})
