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
const exitCode = load === undefined ? await (await client())(process.argv.slice(2)) : await (await load())(rest)

// Who reads our output may be gone by now: that is no failure of ours.
process.stdout.on('error', () => process.exit(exitCode))
// A terminal that we still listen to would keep the process alive.
process.stdout.write('', () => process.exit(exitCode))
