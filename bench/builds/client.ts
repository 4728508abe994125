import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dockerPlugins, dockerProgram, plainEnvironment } from '../../test/harness/place.ts'
import type { Subject } from '../engines/subject.ts'
import { timed } from '../measure.ts'
import { run } from '../run.ts'

/** How docker's CLI asks for a build. */
export type Door = 'buildx' | 'classic'

/** The stock docker CLI with buildx. */
export interface BuildClient extends AsyncDisposable {
  /** For contexts. */
  readonly directory: string
  /** Builds and names an image; gives the milliseconds. */
  build(
    subject: Subject,
    context: string,
    options?: { readonly door?: Door; readonly flags?: readonly string[] },
  ): Promise<number>
}

export const openBuildClient = async (): Promise<BuildClient> => {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-bench-builds-'))
  const home = join(directory, 'home')
  await mkdir(home)
  await writeFile(join(home, 'config.json'), JSON.stringify({ cliPluginsExtraDirs: [dockerPlugins] }))
  const plain = Object.entries(plainEnvironment()).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  )
  const env = { ...Object.fromEntries(plain), HOME: home, DOCKER_CONFIG: home }
  return {
    directory,
    build: (subject, context, { door = 'buildx', flags = [] } = {}) =>
      timed(() =>
        run([dockerProgram, 'build', ...flags, '-t', 'bench', context], {
          env: { ...env, DOCKER_HOST: subject.daemon.host, DOCKER_BUILDKIT: door === 'buildx' ? '1' : '0' },
        }),
      ),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  }
}
