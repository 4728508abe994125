/**
 * Hands the command line to the program that it names: the daemons read their own flags, all else is the client's.
 * Each is loaded only when it is called. A program that serves ends its promise when it has shut down.
 */
type Program = (argv: readonly string[]) => Promise<number>

const programs: Readonly<Record<string, () => Promise<Program>>> = {
  engine: async () => (await import('@slipway/engine')).engineMain,
  registry: async () => (await import('@slipway/registry')).registryMain,
  dashboard: async () => (await import('@slipway/dashboard')).dashboardMain,
  up: async () => (await import('@slipway/up')).upMain,
}

const client = async (): Promise<Program> => (await import('@slipway/cli')).cliMain

const [name = '', ...rest] = process.argv.slice(2)
const load = Object.hasOwn(programs, name) ? programs[name] : undefined
let exitCode: number | undefined

/** 128 + SIGPIPE: as a program ends that isn't asked whether it minds. */
const unread = 141
// Who reads our output may be gone (`| head`): there is nobody left to work for, and when all is done it is no failure.
const onUnread = (): never => process.exit(exitCode ?? unread)
if (load === undefined) for (const stream of [process.stdout, process.stderr]) stream.on('error', onUnread)

exitCode = load === undefined ? await (await client())(process.argv.slice(2)) : await (await load())(rest)
if (load !== undefined) process.stdout.on('error', onUnread)
// A terminal that we still listen to would keep the process alive.
process.stdout.write('', () => process.exit(exitCode))
