import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { plainEnvironment } from './place.ts'
import { run } from './run.ts'
import type { Scratch } from './scratch.ts'

const programs = ['skopeo', 'podman', 'buildah', 'umoci'] as const
export type PeerName = (typeof programs)[number]

/** What others work on images with, all of it below one directory: nothing of the machine's is read or written. */
export class Peers {
  readonly #home: string
  readonly #env: NodeJS.ProcessEnv

  private constructor(home: string) {
    this.#home = home
    this.#env = {
      ...plainEnvironment(),
      HOME: home,
      XDG_RUNTIME_DIR: join(home, 'runtime'),
      TMPDIR: join(home, 'tmp'),
      CONTAINERS_STORAGE_CONF: join(home, 'storage.conf'),
      CONTAINERS_CONF: join(home, 'containers.conf'),
      CONTAINERS_REGISTRIES_CONF: join(home, 'registries.conf'),
      BUILDAH_ISOLATION: 'chroot',
    }
  }

  static async open(scratch: Scratch): Promise<Peers> {
    const home = join(scratch.path, 'peers')
    await mkdir(home)
    // They sync every file, which on a disk takes most of a minute. It goes with the scratch.
    assert.equal((await run('mount', ['-t', 'tmpfs', '-o', 'mode=755', 'peers', home])).code, 0)
    for (const name of ['runtime', 'tmp', '.config/containers']) await mkdir(join(home, name), { recursive: true })
    const texts = {
      'storage.conf': `[storage]\ndriver = "vfs"\ngraphroot = "${home}/graph"\nrunroot = "${home}/run"\n`,
      'containers.conf': '[engine]\nevents_logger = "none"\ncgroup_manager = "cgroupfs"\n',
      'registries.conf': '[[registry]]\nprefix = "127.0.0.1"\nlocation = "127.0.0.1"\ninsecure = true\n',
      '.config/containers/policy.json': '{"default":[{"type":"insecureAcceptAnything"}]}',
    }
    for (const [name, text] of Object.entries(texts)) await writeFile(join(home, name), text)
    return new Peers(home)
  }

  /** A path for a file or directory of the peers'. */
  path(name: string): string {
    return join(this.#home, name)
  }

  /** Runs one that must succeed, and gives back what it printed, without the last line's end. */
  async ok(program: PeerName, ...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await run(program, args, { env: this.#env, cwd: this.#home })
    assert.equal(code, 0, `${program} ${args.join(' ')}: ${stdout}${stderr}`)
    return stdout.trimEnd()
  }
}
