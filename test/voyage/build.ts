import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Client } from '../harness/client.ts'
import type { Stage } from './stage.ts'

const site = `server {
  listen 8080;
  root /var/www/html;
  index index.nginx-debian.html;
  access_log /dev/stdout;
}
`

const dockerfile = (failing: string): string => `# A web server, as in the introductions.
FROM debian:bookworm
MAINTAINER Grace Hopper "grace@example.com"
ENV REFRESHED_AT 2026-11-23
# Real packages, through the network.
RUN apt-get update && apt-get install -y nginx
RUN ["/bin/sh", "-c", "echo exec form > /var/www/html/exec.txt"]
${failing}
COPY site.conf /etc/nginx/sites-enabled/default
LABEL org.opencontainers.image.description="Serves pages with nginx"
EXPOSE 8080
CMD ["nginx", "-g", "daemon off;"]
`

/** Steps that the cache answered for. */
const cached = (output: string): number => output.match(/^ ---> Using cache$/gm)?.length ?? 0

const builtId = (output: string): string => /^Successfully built ([0-9a-f]{12})$/m.exec(output)?.[1] ?? ''

const small = (refreshedAt: string): string => `FROM busybox
RUN echo before > /before
ENV REFRESHED_AT ${refreshedAt}
RUN echo after > /after
CMD ["cat", "/before", "/after"]
`

const buildSmall = async (client: Client, directory: string, refreshedAt: string, ...flags: readonly string[]) => {
  await writeFile(join(directory, 'Dockerfile'), small(refreshedAt))
  return client.ok(['build', '-t', 'user/small', ...flags, directory])
}

/** 4. A Dockerfile becomes an image. */
export const buildImages = async (t: TestContext, { client, scratch }: Stage): Promise<void> => {
  const context = join(scratch.path, 'web')
  await mkdir(context)
  await writeFile(join(context, 'site.conf'), site)
  const build = ['build', '-t=user/web:v1', '.']
  const long = { cwd: context, timeout: 400_000 }

  await t.test('4. a failing step says which it was, and leaves the last good image to look around in', async () => {
    await writeFile(join(context, 'Dockerfile'), dockerfile('RUN test -e /etc/nginx/mended'))
    const outcome = await client.run(build, long)
    const output = outcome.stdout + outcome.stderr
    assert.notEqual(outcome.code, 0)
    assert.match(output, /^Step 1\/10 : FROM debian:bookworm$/m)
    assert.match(output, /Setting up nginx /)
    assert.match(output, /The command '\/bin\/sh -c test -e \/etc\/nginx\/mended' returned a non-zero code: 1/)
    const lastGood = [...output.matchAll(/^ ---> ([0-9a-f]{12})$/gm)].at(-1)?.[1] ?? ''
    using terminal = client.terminal(['run', '--rm', '-i', '-t', lastGood, '/bin/bash'])
    await terminal.see(/root@[0-9a-f]{12}:\/#/)
    terminal.type('cat /var/www/html/exec.txt; echo $REFRESHED_AT; exit 4\r')
    await terminal.see(/\nexec form\n2026-11-23\n/)
    assert.equal(await terminal.exitCode, 4)
  })

  await t.test('4. the mended Dockerfile goes on from the last good step', async () => {
    await writeFile(join(context, 'Dockerfile'), dockerfile('RUN test ! -e /etc/nginx/mended'))
    const output = await client.ok(build, long)
    assert.equal(cached(output), 4, output)
    assert.doesNotMatch(output, /Setting up nginx/)
    assert.match(output, /^Successfully tagged user\/web:v1$/m)
  })

  await t.test('4. building again takes every step from the cache and gives the same image', async () => {
    const [first, second] = [await client.ok(build, long), await client.ok(build, long)]
    assert.equal(cached(second), 9, second)
    assert.notEqual(builtId(first), '')
    assert.equal(builtId(first), builtId(second))
  })

  await t.test('4. the image has what the Dockerfile says', async () => {
    const format = '{{json .Config.ExposedPorts}} {{json .Config.Cmd}} {{.Author}}'
    const shown = await client.ok(['inspect', '--type', 'image', '--format', format, 'user/web:v1'])
    assert.equal(shown, '{"8080/tcp":{}} ["nginx","-g","daemon off;"] Grace Hopper "grace@example.com"')
    const history = await client.ok(['history', '--no-trunc', '--format', '{{.CreatedBy}}', 'user/web:v1'])
    assert.match(history, /apt-get install -y nginx/)
    assert.match(history, /ENV REFRESHED_AT[= ]2026-11-23/)
  })

  await t.test('4. a changed ENV invalidates what follows it, and only that', async () => {
    const directory = join(scratch.path, 'small')
    await mkdir(directory)
    assert.equal(cached(await buildSmall(client, directory, '2026-01-01')), 0)
    assert.equal(cached(await buildSmall(client, directory, '2026-01-01')), 4)
    assert.equal(cached(await buildSmall(client, directory, '2026-02-02')), 1)
    assert.equal(await client.ok(['run', '--rm', 'user/small']), 'before\nafter')
  })

  await t.test('4. --no-cache starts from the beginning', async () => {
    const output = await buildSmall(client, join(scratch.path, 'small'), '2026-02-02', '--no-cache')
    assert.equal(cached(output), 0, output)
  })
}
