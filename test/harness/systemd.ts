import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually } from './patience.ts'
import { type Outcome, run } from './run.ts'
import type { Scratch } from './scratch.ts'

const script = join(import.meta.dirname, 'systemd.sh')

/** nsenter has to fork to get among its processes: who ends it means the one inside. */
const passingOn = `
nsenter "$@" & child=$!
trap 'pkill -TERM -P $child' TERM
wait $child; code=$?
[ $code -le 128 ] || { wait $child; code=$?; }
exit $code`

/** A systemd that has nothing to do but to answer, for engines that let it make their cgroups. */
export class Systemd implements AsyncDisposable {
  readonly #outer: ChildProcess
  /** Its root, as this machine sees it. */
  readonly cgroup: string
  /** What stands before a command that is to run under it. */
  readonly inside: readonly string[]
  readonly #enter: readonly string[]

  private constructor(outer: ChildProcess, cgroup: string, pid: number) {
    this.#outer = outer
    this.cgroup = cgroup
    this.#enter = ['--target', String(pid), '--pid', '--mount', '--cgroup']
    this.inside = ['sh', '-c', passingOn, 'sh', ...this.#enter]
  }

  /** `tree`: where the cgroups of version 2 are. Of this machine it can write the scratch alone. */
  static async start(scratch: Scratch, tree: string): Promise<Systemd> {
    const cgroup = join(tree, `slipway-test-${process.pid}`)
    await mkdir(cgroup)
    const enter = `echo $$ >${cgroup}/cgroup.procs; exec unshare --pid --fork --kill-child --mount --cgroup sh ${script} ${scratch.path}`
    const outer = spawn('sh', ['-c', enter], { stdio: ['ignore', 'ignore', 'inherit'] })
    const pid = await eventually('systemd is there', async () => {
      assert.equal(outer.exitCode, null, 'systemd could not be started')
      const children = await readFile(`/proc/${outer.pid}/task/${outer.pid}/children`, 'utf8').catch(() => '')
      return Number(children.trim()) || false
    })
    await eventually('systemd answers', () =>
      access(`/proc/${pid}/root/run/systemd/private`).then(
        () => true,
        () => false,
      ),
    )
    return new Systemd(outer, cgroup, pid)
  }

  systemctl(...args: readonly string[]): Promise<Outcome> {
    return run('nsenter', [...this.#enter, 'systemctl', ...args])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = once(this.#outer, 'exit')
    this.#outer.kill('SIGKILL')
    await gone
    await writeFile(join(this.cgroup, 'cgroup.kill'), '1')
    await eventually('its cgroups are gone', () =>
      removeTree(this.cgroup).then(
        () => true,
        () => false,
      ),
    )
  }
}

const removeTree = async (directory: string): Promise<void> => {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) await removeTree(join(directory, entry.name))
  }
  await rmdir(directory)
}
