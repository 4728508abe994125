import { list, text, toggle } from './flags/flag.ts'

/** Written before the command. */
export const globalFlags = {
  config: text('', 'Location of client config files', { shownDefault: '"~/.docker"' }),
  context: text(
    'c',
    'Name of the context to use to connect to the engine (overrides DOCKER_HOST and the context set with "slipway context use")',
  ),
  debug: toggle('D', 'Enable debug mode'),
  host: list('H', 'Engine socket to connect to', { shownDefault: '"unix:///run/slipway/slipway.sock"' }),
  tlscacert: text('', 'Trust certs signed only by this CA'),
  tlscert: text('', 'Path to TLS certificate file'),
  tlskey: text('', 'Path to TLS key file'),
  tlsverify: toggle('', 'Use TLS and verify the remote'),
  version: toggle('v', 'Print version information and quit'),
} as const
