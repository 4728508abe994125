import { invalid, SlipwayError } from '@slipway/core'
import { type Execution, execute } from '../../ops/exec.ts'
import type { StepNetwork } from '../../worker.ts'
import { readHeredocStart } from '../heredoc.ts'
import { commandForm, type FlaggedLine, instruction } from '../instruction.ts'
import { mountSource } from '../mount.ts'
import { effectiveArgs, inShell, type Setting, type Stage } from '../stage.ts'
import { describeArgument } from './arg.ts'
import { readMounts } from './run-mounts.ts'

const networks: Readonly<Record<string, StepNetwork>> = { default: 'default', none: 'none', host: 'host' }

/** Usable without ARG, set for the process, and never part of the cache key or the history. */
const proxyNames = ['HTTP_PROXY', 'HTTPS_PROXY', 'FTP_PROXY', 'NO_PROXY', 'ALL_PROXY'].flatMap((name) => [
  name,
  name.toLowerCase(),
])

interface Script {
  readonly words: readonly string[]
  /** A heredoc that names its own interpreter: a file for the process to run. */
  readonly file?: { readonly path: string; readonly content: string }
}

const parseNetwork = (text = 'default'): StepNetwork => {
  const network = Object.hasOwn(networks, text) ? networks[text] : undefined
  if (network === undefined) throw invalid(`invalid network mode: ${JSON.stringify(text)}`)
  return network
}

const checkFlags = (line: FlaggedLine): void => {
  const security = line.given.text('security')
  if (security !== undefined && security !== 'sandbox') {
    throw new SlipwayError('unsupported', `RUN --security=${security} is not supported`)
  }
}

/** `RUN <<EOF`: the body is the script. Anything more is put together again for the shell to read. */
const scriptOf = (line: FlaggedLine, stage: Stage): Script => {
  const command = commandForm(line.text)
  if (command.form === 'exec') return { words: command.words }
  const [first] = line.heredocs
  if (first === undefined) return { words: inShell(stage, command.text) }
  if (readHeredocStart(command.text) === undefined) {
    const bodies = line.heredocs.map(({ content, name }) => `\n${content}${name}`).join('')
    return { words: inShell(stage, command.text + bodies) }
  }
  if (!first.content.startsWith('#!')) return { words: inShell(stage, first.content) }
  const path = `/dev/pipes/${first.name}`
  return { words: [path], file: { path, content: first.content } }
}

const historyOf = (stage: Stage, words: readonly string[]): string => {
  const args = effectiveArgs(stage).map((argument) => describeArgument({ value: '', ...argument }))
  const declared = args.length === 0 ? [] : [`|${args.length}`, ...args]
  return `RUN ${[...declared, ...words].join(' ')} # buildkit`
}

const environmentOf = (stage: Stage): readonly string[] => {
  const env = stage.config.Env ?? []
  const names = new Set(env.map((entry) => entry.slice(0, entry.indexOf('='))))
  const args = effectiveArgs(stage).filter(({ name, value }) => value !== undefined && !names.has(name))
  return [...args.map(describeArgument), ...env]
}

const proxiesOf = ({ buildArgs }: Setting, env: readonly string[]): readonly string[] =>
  proxyNames.flatMap((name) => {
    const value = buildArgs[name]
    return typeof value !== 'string' || env.some((entry) => entry.startsWith(`${name}=`)) ? [] : [`${name}=${value}`]
  })

export const run = instruction({
  name: 'RUN',
  flags: { mount: 'strings', network: 'string', security: 'string' },
  parse(line) {
    checkFlags(line)
    if (line.text === '') throw invalid('RUN requires at least one argument')
    const network = line.given.text('network')
    const mountSources = line.given.all('mount').flatMap((text) => mountSource(text) ?? [])
    return { line, mountSources, ...(network === undefined ? {} : { network: parseNetwork(network) }) }
  },
  sources: ({ mountSources }) => mountSources,
  apply({ line, network }, stage, setting) {
    const script = scriptOf(line, stage)
    const env = environmentOf(stage)
    const { mounts, sources } = readMounts(line.given.all('mount'), line, stage, setting)
    const execution: Execution = {
      args: script.words,
      env,
      proxies: proxiesOf(setting, env),
      cwd: stage.config.WorkingDir || '/',
      user: stage.config.User ?? '',
      network: network ?? setting.networkMode,
      extraHosts: setting.extraHosts,
      resources: setting.resources,
      limits: setting.limits ?? {},
      mounts,
      ...(setting.newest === undefined ? {} : { newest: setting.newest }),
      ...(script.file === undefined ? {} : { file: script.file }),
      ...(setting.shmSize === undefined ? {} : { shmSize: setting.shmSize }),
    }
    const root = execute(stage.root, execution, sources)
    return { stage: { ...stage, root }, createdBy: historyOf(stage, script.words) }
  },
})
