import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { S3Client } from '../client.ts'
import type { Keys, S3Options } from '../options.ts'

/** What `npm test` unpacks. */
const root = join(import.meta.dirname, '../../../../../../.slipway/bin/radosgw')

/** With the letters that a secret can have and an address can't. */
const keys: Keys = { accessKeyId: 'test', secretAccessKey: 'test-secret/+=' }

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

const configurationOf = (folder: string, port: number): string =>
  Object.entries({
    auth_cluster_required: 'none',
    auth_service_required: 'none',
    auth_client_required: 'none',
    rgw_backend_store: 'dbstore',
    rgw_config_store: 'dbstore',
    dbstore_db_dir: folder,
    dbstore_config_uri: `file:${folder}/config.db`,
    rgw_data: folder,
    run_dir: folder,
    rgw_frontends: `beast endpoint=127.0.0.1:${port}`,
    rgw_thread_pool_size: 16,
    log_to_stderr: true,
  })
    .map(([name, value]) => `${name} = ${value}\n`)
    .join('')

/**
 * An S3 server of a test's own that checks each signature: Ceph's, over a file of SQLite instead of a cluster. In this form it
 * doesn't list multipart uploads, and gives a range from the first byte on: what is about these is tried with moto.
 */
export class Radosgw implements AsyncDisposable {
  readonly url: string
  readonly #process: ChildProcess
  readonly #folder: string
  #buckets = 0

  private constructor(url: string, folder: string, child: ChildProcess) {
    this.url = url
    this.#folder = folder
    this.#process = child
  }

  static async start(): Promise<Radosgw> {
    await mkdir(join(root, 'srv'), { recursive: true })
    const folder = await mkdtemp(join(root, 'srv/swt-'))
    const port = await freePort()
    const inside = folder.slice(root.length)
    await writeFile(join(folder, 'ceph.conf'), `[global]\n${configurationOf(inside, port)}`)
    const common = ['-c', join(inside, 'ceph.conf'), '--no-mon-config']
    const user = ['--uid=test', '--display-name=test', `--access-key=${keys.accessKeyId}`]
    const make = ['user', 'create', ...user, `--secret-key=${keys.secretAccessKey}`]
    await promisify(execFile)('chroot', [root, '/usr/bin/radosgw-admin', ...common, ...make])
    const child = spawn('chroot', [root, '/usr/bin/radosgw', ...common, '-f'], { stdio: 'ignore' })
    const server = new Radosgw(`http://127.0.0.1:${port}`, folder, child)
    while (!(await server.#answers())) {
      if (child.exitCode !== null) throw new Error(`radosgw ended with ${child.exitCode}`)
      await sleep(20)
    }
    return server
  }

  #answers(): Promise<boolean> {
    return fetch(this.url).then(
      () => true,
      () => false,
    )
  }

  /** A new bucket; made by a signed request, for it takes no other. */
  async createBucket(): Promise<S3Options & { readonly keys: Keys }> {
    this.#buckets += 1
    const bucket = `bucket-${this.#buckets}`
    const options = { bucket, prefix: 'some/where/', region: 'us-east-1', endpoint: this.url, redirect: false, keys }
    await using client = new S3Client(options)
    await client.sendForText({ method: 'PUT', key: '' })
    return options
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const gone = once(this.#process, 'exit')
      this.#process.kill('SIGKILL')
      await gone
    }
    await rm(this.#folder, { recursive: true, force: true })
  }
}
