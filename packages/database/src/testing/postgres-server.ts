import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chown, cp, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { openPostgres } from '../postgres.ts'

/** Where Debian has it, and where our own set-up unpacks it. */
const installations = ['/', join(import.meta.dirname, '../../../../.slipway/bin/postgresql')]

/** PostgreSQL runs as anyone but root. */
const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}

const newestIn = async (root: string): Promise<string | undefined> => {
  const folder = join(root, 'usr/lib/postgresql')
  const versions = (await readdir(folder).catch(() => [])).filter((name) => /^\d+$/.test(name))
  const newest = versions.sort((one, other) => Number(other) - Number(one))[0]
  return newest && join(folder, newest, 'bin')
}

/** The folder of its programs. Ours may lie where nobody but root may look: then a copy in `folder`. */
const findPrograms = async (folder: string): Promise<string> => {
  const [system = '', own = ''] = installations
  const installed = await newestIn(system)
  if (installed !== undefined) return installed
  if ((await newestIn(own)) === undefined) throw new Error('PostgreSQL is not there: npm test fetches it')
  await cp(own, join(folder, 'programs'), { recursive: true })
  return (await newestIn(join(folder, 'programs'))) ?? ''
}

/**
 * A PostgreSQL server of a test's own: on a socket in a directory of its own, as another user, sorting by a language, as
 * servers in the wild do. What it has written, it forgets with the machine but not with the process.
 */
export class PostgresServer implements AsyncDisposable {
  readonly #programs: string
  readonly #folder: string
  #process: ChildProcess | undefined

  private constructor(programs: string, folder: string) {
    this.#programs = programs
    this.#folder = folder
  }

  static async start(): Promise<PostgresServer> {
    const folder = await mkdtemp(join(tmpdir(), 'swt-postgres-'))
    if (nobody.uid !== undefined) await chown(folder, nobody.uid, nobody.gid)
    const server = new PostgresServer(await findPrograms(folder), folder)
    try {
      const language = ['--locale=C.UTF-8', '--locale-provider=icu', '--icu-locale=en-US']
      const files = ['--pgdata', server.#data, '--username', 'slipway', '--auth', 'trust', '--no-sync']
      await promisify(execFile)(join(server.#programs, 'initdb'), [...files, ...language, '--encoding', 'UTF8'], {
        ...nobody,
        cwd: folder,
      })
      await server.run()
      return server
    } catch (error) {
      await server[Symbol.asyncDispose]()
      throw error
    }
  }

  get #data(): string {
    return join(this.#folder, 'data')
  }

  urlOf(database: string): string {
    return `postgres:///${database}?user=slipway&host=${encodeURIComponent(this.#folder)}`
  }

  /** Makes an empty database, and gives its address. */
  async createDatabase(): Promise<string> {
    const name = `test_${randomBytes(6).toString('hex')}`
    await using administration = await openPostgres(this.urlOf('postgres'), { connections: 1 })
    // Of our own making: a name can't be bound.
    await administration.sql(Object.assign([`CREATE DATABASE ${name}`], { raw: [] }))
    return this.urlOf(name)
  }

  /** Starts it, again after `stop()`; waits until it answers. */
  async run(): Promise<void> {
    const settings = {
      listen_addresses: '',
      unix_socket_directories: this.#folder,
      fsync: 'off',
      max_connections: '60',
    }
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const child = spawn(join(this.#programs, 'postgres'), ['-D', this.#data, ...flags], {
      ...nobody,
      cwd: this.#folder,
      stdio: 'ignore',
    })
    this.#process = child
    while (!(await this.#answers())) {
      if (child.exitCode !== null) throw new Error(`postgres ended with ${child.exitCode}`)
      await sleep(20)
    }
  }

  /** SIGINT: connections are cut, what was committed is written. SIGQUIT: as by kill -9, recovery comes with `run()`. */
  async stop(signal: 'SIGINT' | 'SIGQUIT' = 'SIGINT'): Promise<void> {
    const child = this.#process
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill(signal)
    await gone
  }

  async #answers(): Promise<boolean> {
    try {
      const database = await openPostgres(this.urlOf('postgres'), { connections: 1 })
      await database[Symbol.asyncDispose]()
      return true
    } catch {
      return false
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('SIGQUIT')
    await rm(this.#folder, { recursive: true, force: true })
  }
}
