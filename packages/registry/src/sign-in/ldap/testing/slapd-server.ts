import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Client } from 'ldapts'

/** Where Debian has it, and where our own set-up unpacks it. */
const installations = ['/', join(import.meta.dirname, '../../../../../../.slipway/bin/slapd')]

const findRoot = async (): Promise<string> => {
  for (const root of installations) {
    const isThere = await access(join(root, 'usr/sbin/slapd')).then(
      () => true,
      () => false,
    )
    if (isThere) return root
  }
  throw new Error('slapd is not there: npm test fetches it')
}

export const baseDn = 'dc=example,dc=org'
/** Who may look around; the others see nothing but themselves. */
export const looker = { dn: `cn=looker,${baseDn}`, password: 'looks around' }

/** Who changes it. */
const admin = { dn: `cn=admin,${baseDn}`, password: 'all-powerful' }

const configuration = (root: string, folder: string): string => `
${['core', 'cosine', 'nis', 'inetorgperson'].map((name) => `include ${join(root, 'etc/ldap/schema', name)}.schema`).join('\n')}
modulepath ${join(root, 'usr/lib/ldap')}
moduleload back_mdb
TLSCertificateFile ${folder}/certificate.pem
TLSCertificateKeyFile ${folder}/key.pem
database mdb
maxsize 10485760
suffix "${baseDn}"
rootdn "${admin.dn}"
rootpw ${admin.password}
directory ${folder}/data
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="${looker.dn}" read by self read by * none
`

const ports = async (): Promise<readonly [number, number]> => {
  const servers = [createServer(), createServer()] as const
  for (const server of servers) await once(server.listen(0, '127.0.0.1'), 'listening')
  const [plain, secure] = servers.map((server) => (server.address() as AddressInfo).port)
  for (const server of servers) await new Promise((resolve) => server.close(resolve))
  return [plain ?? 0, secure ?? 0]
}

/** Debian's LDAP server, in a directory and on ports of its own. It forgets everything with its end. */
export class SlapdServer implements AsyncDisposable {
  readonly #root: string
  readonly #folder: string
  readonly #ports: readonly [number, number]
  #process: ChildProcess | undefined

  private constructor(root: string, folder: string, ports: readonly [number, number]) {
    this.#root = root
    this.#folder = folder
    this.#ports = ports
  }

  /** `people`: LDIF of what is in it. */
  static async start(people: string): Promise<SlapdServer> {
    const root = await findRoot()
    const folder = await mkdtemp(join(tmpdir(), 'swt-slapd-'))
    const server = new SlapdServer(root, folder, await ports())
    try {
      await mkdir(join(folder, 'data'))
      await writeFile(join(folder, 'slapd.conf'), configuration(root, folder))
      await writeFile(join(folder, 'people.ldif'), people)
      const certificate = ['-keyout', 'key.pem', '-out', 'certificate.pem', '-days', '2', '-subj', '/CN=localhost']
      const names = ['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
      const kind = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
      await promisify(execFile)('openssl', [...kind, ...certificate, ...names], { cwd: folder })
      await server.#execute('slapadd', ['-l', 'people.ldif'])
      await server.run()
      return server
    } catch (error) {
      await server[Symbol.asyncDispose]()
      throw error
    }
  }

  get url(): string {
    return `ldap://127.0.0.1:${this.#ports[0]}`
  }

  get secureUrl(): string {
    return `ldaps://127.0.0.1:${this.#ports[1]}`
  }

  get certificate(): string {
    return join(this.#folder, 'certificate.pem')
  }

  get #environment(): NodeJS.ProcessEnv {
    return { ...process.env, LD_LIBRARY_PATH: join(this.#root, 'usr/lib', `${machine()}-linux-gnu`) }
  }

  async #execute(program: string, args: readonly string[]): Promise<void> {
    const all = ['-f', 'slapd.conf', ...args]
    await promisify(execFile)(join(this.#root, 'usr/sbin', program), all, { cwd: this.#folder, env: this.#environment })
  }

  async run(): Promise<void> {
    // Stays in the foreground.
    const args = ['-f', 'slapd.conf', '-d', '0', '-h', `${this.url} ${this.secureUrl}`]
    const options = { cwd: this.#folder, env: this.#environment, stdio: 'ignore' } as const
    this.#process = spawn(join(this.#root, 'usr/sbin/slapd'), args, options)
    while (!(await this.#answers())) {
      if (this.#process.exitCode !== null) throw new Error(`slapd ended with ${this.#process.exitCode}`)
      await sleep(20)
    }
  }

  #answers(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect(this.#ports[0], '127.0.0.1')
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
  }

  /** Changes what is in it, as who may do everything. */
  async change(work: (client: Client) => Promise<void>): Promise<void> {
    const client = new Client({ url: this.url })
    try {
      await client.bind(admin.dn, admin.password)
      await work(client)
    } finally {
      await client.unbind()
    }
  }

  /** The address stays its own. */
  async stop(): Promise<void> {
    const running = this.#process
    this.#process = undefined
    if (running === undefined || running.exitCode !== null) return
    running.kill('SIGTERM')
    await once(running, 'exit')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    await rm(this.#folder, { recursive: true, force: true })
  }
}

const machine = (): string => ({ x64: 'x86_64', arm64: 'aarch64' })[process.arch as string] ?? process.arch
