/** A directory that holds an OCI `config.json`; `rootfs` in it (or what config.json names) is mounted by the caller. */
export interface Bundle {
  readonly id: string
  readonly path: string
  /** Name of the OCI runtime that is to run it; the default without it. */
  readonly runtime?: string
}

/**
 * Where a process's streams go: paths of FIFOs, made by the caller and open for reading before `create()` or `exec()`
 * is called. Streams can't survive a restart of the daemon, FIFOs do: the shim keeps both ends open, so nothing is lost
 * while the daemon is away. With a terminal there is no stderr.
 */
export interface StdioPaths {
  readonly stdin?: string
  readonly stdout?: string
  readonly stderr?: string
  readonly terminal: boolean
}

export interface ExitStatus {
  /** 0–255; 128 + n when signal n ended it. */
  readonly exitCode: number
  readonly exitedAt: Date
}

/** A process to be run in a container, everything resolved: ids are numbers, paths are absolute. */
export interface ProcessSpec {
  readonly args: readonly string[]
  readonly env: readonly string[]
  readonly cwd: string
  readonly user: { readonly uid: number; readonly gid: number; readonly additionalGids?: readonly number[] }
  readonly terminal: boolean
  readonly consoleSize?: { readonly height: number; readonly width: number }
  /** Names with CAP_; the bounding, effective and permitted set. */
  readonly capabilities: readonly string[]
  readonly noNewPrivileges: boolean
}

/**
 * Turns bundles into processes.
 *
 * `create()` makes the container and its first process without running it: namespaces, cgroup and rootfs are there, and
 * `task.pid` is known, so that the network can be attached. `task.start()` runs it. `task.wait()` tells its end. `task.delete()`
 * gives everything back, and must be called exactly once after the end, also when `start()` failed.
 */
export interface Runtime {
  readonly name: string
  create(bundle: Bundle, io: StdioPaths): Promise<Task>
  /** Finds a task again after the daemon has been restarted; undefined when its shim is gone. */
  load(bundle: Bundle): Promise<Task | undefined>
  /**
   * Takes away what a dead shim or a crash during create left: processes, cgroup, runtime state. Never throws for "not there".
   */
  cleanup(bundle: Bundle): Promise<void>
}

export interface Process {
  readonly pid: number
  start(): Promise<void>
  /** A number, so that real-time signals can be sent. Throws not-found when the process is gone. */
  kill(signal: number): Promise<void>
  resize(size: { readonly height: number; readonly width: number }): Promise<void>
  /** Tells the shim that nothing more comes on stdin. Throws not-found when the process is gone. */
  closeStdin(): Promise<void>
  /** Waits for the end; once it has ended, answers at once. */
  wait(): Promise<ExitStatus>
}

export type TaskState = 'created' | 'running' | 'paused' | 'stopped'

/** The running side of a container: the container is the record, the task is the process. */
export interface Task extends Process {
  readonly id: string
  state(): Promise<TaskState>
  /** Makes a further process, without running it. `execId` is new in this task. */
  exec(execId: string, spec: ProcessSpec, io: StdioPaths): Promise<ExecProcess>
  /** The execs that the shim still knows, after a restart. */
  loadExec(execId: string): Promise<ExecProcess | undefined>
  /** Signals every process of the container. */
  killAll(signal: number): Promise<void>
  pause(): Promise<void>
  resume(): Promise<void>
  update(resources: Resources): Promise<void>
  stats(): Promise<Stats>
  pids(): Promise<readonly number[]>
  /** True when the kernel killed one of its processes for want of memory. */
  oomKilled(): Promise<boolean>
  /** Gives everything back; the shim ends. */
  delete(): Promise<void>
}

export interface ExecProcess extends Process {
  readonly execId: string
  delete(): Promise<void>
}

export interface Resources {
  /** Bytes; 0 or undefined: no limit. */
  readonly memory?: number
  readonly memorySwap?: number
  readonly memoryReservation?: number
  readonly cpuShares?: number
  /** Microseconds. */
  readonly cpuPeriod?: number
  readonly cpuQuota?: number
  readonly cpusetCpus?: string
  readonly cpusetMems?: string
  readonly pids?: number
}

export interface Stats {
  readonly cpuNanoseconds: bigint
  readonly memoryBytes: number
  readonly memoryLimitBytes: number
  readonly pids: number
}
