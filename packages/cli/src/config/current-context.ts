import type { Context } from './contexts.ts'

/** What chooses the engine: the command line, the environment, the file. */
export interface ContextChoice {
  readonly flags: { readonly host: readonly string[]; readonly context: string | undefined }
  readonly env: Readonly<Record<string, string | undefined>>
  readonly file: { readonly currentContext?: string }
}

export const defaultHost = 'unix:///run/slipway/slipway.sock'

/** The variable that names an engine itself, if one does. */
export const hostVariable = (env: ContextChoice['env']): 'SLIPWAY_HOST' | 'DOCKER_HOST' | undefined =>
  (['SLIPWAY_HOST', 'DOCKER_HOST'] as const).find((name) => env[name])

/** docker's order: `--context`, `-H`, the host in the environment, DOCKER_CONTEXT, the file. */
export const currentContext = ({ flags, env, file }: ContextChoice): string => {
  if (flags.context) return flags.context
  if (flags.host.length > 0 || hostVariable(env) !== undefined) return 'default'
  return env['DOCKER_CONTEXT'] || file.currentContext || 'default'
}

/** The context that needs no file. */
export const implicitContext = ({ flags, env }: Pick<ContextChoice, 'flags' | 'env'>): Context => {
  const variable = hostVariable(env)
  const Host = flags.host[0] ?? (variable && env[variable]) ?? defaultHost
  return { Name: 'default', Metadata: {}, Endpoints: { docker: { Host, SkipTLSVerify: false } } }
}
