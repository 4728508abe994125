import { list, text, toggle } from './flags/flag.ts'

/** Written before the command. */
export const globalFlags = {
  config: text('', 'Location of client config files', { shownDefault: '"~/.docker"' }),
  debug: toggle('D', 'Enable debug mode'),
  host: list('H', 'Engine socket to connect to', { shownDefault: '"unix:///run/slipway/slipway.sock"' }),
  tlscacert: text('', 'Trust certs signed only by this CA'),
  tlscert: text('', 'Path to TLS certificate file'),
  tlskey: text('', 'Path to TLS key file'),
  tlsverify: toggle('', 'Use TLS and verify the remote'),
  version: toggle('v', 'Print version information and quit'),
} as const
