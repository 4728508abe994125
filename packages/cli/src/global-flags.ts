import { list, text, toggle } from './flags/flag.ts'

/** docker's, for its log: ours has none, and scripts set it all the same. */
const levels = ['panic', 'fatal', 'error', 'warn', 'warning', 'info', 'debug', 'trace']

export const isLogLevel = (word: string): boolean => levels.includes(word.toLowerCase())

/** Written before the command. */
export const globalFlags = {
  config: text('', 'Location of client config files', { shownDefault: '"~/.docker"' }),
  context: text(
    'c',
    'Name of the context to use to connect to the engine (overrides DOCKER_HOST and the context set with "slipway context use")',
  ),
  debug: toggle('D', 'Enable debug mode'),
  host: list('H', 'Engine socket to connect to', { shownDefault: '"unix:///run/slipway/slipway.sock"' }),
  'log-level': text('l', 'Set the logging level ("debug", "info", "warn", "error", "fatal")', {
    shownDefault: '"info"',
  }),
  tls: toggle('', 'Use TLS; implied by --tlsverify'),
  tlscacert: text('', 'Trust certs signed only by this CA'),
  tlscert: text('', 'Path to TLS certificate file'),
  tlskey: text('', 'Path to TLS key file'),
  tlsverify: toggle('', 'Use TLS and verify the remote'),
  version: toggle('v', 'Print version information and quit'),
} as const
