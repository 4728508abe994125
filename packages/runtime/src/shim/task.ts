import {
  type Bundle,
  conflict,
  type ExecProcess,
  type ProcessSpec,
  type Resources,
  type StdioPaths,
  type Task,
  type TaskState,
} from '@slipway/core'
import { warmCgroups } from '@slipway/linux'
import { type ContainerCgroup, locateCgroup } from '../cgroup/locate.ts'
import { readOomKills } from '../cgroup/oom.ts'
import { type CgroupStats, readCgroupStats } from '../cgroup/stats.ts'
import { formatOci } from '../spec/format.ts'
import type { OciSpec } from '../spec/oci.ts'
import { ociProcess } from '../spec/process.ts'
import { readSpec } from '../spec/read.ts'
import { ociResources } from '../spec/resources.ts'
import { type ShimConnection, shimIsGone } from './connection.ts'
import { endTask } from './end-task.ts'
import { ShimExec } from './exec.ts'
import { anyTypes } from './messages.ts'
import { ShimProcess } from './process.ts'
import { ignoring } from './tolerate.ts'

/** containerd's numbers (api/types/task/task.proto); pausing counts as paused. */
const states: Readonly<Record<number, TaskState>> = {
  1: 'created',
  2: 'running',
  3: 'stopped',
  4: 'paused',
  5: 'paused',
}

export interface ShimTaskOptions {
  readonly connection: ShimConnection
  readonly bundle: Bundle
  readonly pid: number
  /** What is left to do once the shim has forgotten the task, or has died with it. */
  readonly afterDelete: (shimDied: boolean) => Promise<void>
}

export class ShimTask extends ShimProcess implements Task {
  readonly id: string
  readonly #bundle: Bundle
  readonly #afterDelete: (shimDied: boolean) => Promise<void>
  #spec: Promise<OciSpec> | undefined

  constructor({ connection, bundle, pid, afterDelete }: ShimTaskOptions) {
    super(connection, { id: bundle.id }, pid)
    this.id = bundle.id
    this.#bundle = bundle
    this.#afterDelete = afterDelete
  }

  async state(): Promise<TaskState> {
    try {
      const { status } = await this.connection.call('state', this.name)
      return states[status] ?? 'stopped'
    } catch (error) {
      if (shimIsGone(error)) return 'stopped'
      throw error
    }
  }

  async exec(execId: string, spec: ProcessSpec, io: StdioPaths): Promise<ExecProcess> {
    void warmCgroups()
    const inherited = (await this.#readSpec()).process
    const process = ociProcess(spec, inherited)
    await this.connection.call('exec', {
      ...this.name,
      execId,
      ...ioRequest(io),
      spec: { typeUrl: anyTypes.process, value: Buffer.from(formatOci(process)) },
    })
    return new ShimExec(this.connection, this.id, execId, 0)
  }

  async loadExec(execId: string): Promise<ExecProcess | undefined> {
    const state = await this.connection
      .call('state', { id: this.id, execId })
      .catch(ignoring(['not-found'], shimIsGone))
    return state === undefined ? undefined : new ShimExec(this.connection, this.id, execId, state.pid)
  }

  async killAll(signal: number): Promise<void> {
    await this.connection.call('kill', { ...this.name, signal, all: true })
  }

  async pause(): Promise<void> {
    await this.connection.call('pause', this.name)
  }

  async resume(): Promise<void> {
    await this.connection.call('resume', this.name)
  }

  async update(resources: Resources): Promise<void> {
    const value = Buffer.from(JSON.stringify(ociResources(resources)))
    await this.connection.call('update', { ...this.name, resources: { typeUrl: anyTypes.resources, value } })
  }

  /** From the cgroup's files: the shim would read the same ones, and wrap them twice. */
  async stats(): Promise<CgroupStats> {
    const stats = await readCgroupStats(await this.#cgroup())
    if (stats === undefined) throw conflict(`container ${this.id} is not running`)
    return stats
  }

  async pids(): Promise<readonly number[]> {
    const { processes } = await this.connection.call('pids', this.name)
    return processes.map(({ pid }) => pid)
  }

  async oomKilled(): Promise<boolean> {
    return (await readOomKills(await this.#cgroup())) > 0
  }

  async delete(): Promise<void> {
    try {
      // What was created and never started has its streams open: the shim would wait 2 s for their end.
      if (this.ended) await this.connection.call('delete', this.name).catch(ignoring(['not-found']))
      else await endTask(this.connection, this.id)
    } catch (error) {
      if (!shimIsGone(error)) throw error
      return this.#afterDelete(true)
    }
    await this.#afterDelete(false)
  }

  #readSpec(): Promise<OciSpec> {
    this.#spec ??= readSpec(this.#bundle)
    return this.#spec
  }

  async #cgroup(): Promise<ContainerCgroup> {
    const { linux } = await this.#readSpec()
    return locateCgroup(linux.cgroupsPath)
  }
}

/** The stdio fields of Create and Exec. */
export const ioRequest = ({ stdin = '', stdout = '', stderr = '', terminal }: StdioPaths) => ({
  terminal,
  stdin,
  stdout,
  stderr,
})
