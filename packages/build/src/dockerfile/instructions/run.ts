import { invalid, SlipwayError } from '@slipway/core'
import { type Execution, execute } from '../../ops/exec.ts'
import type { StepNetwork } from '../../worker.ts'
import { assignedTo } from '../assignments.ts'
import { environmentList } from '../config.ts'
import { heredocText, readHeredocStart } from '../heredoc.ts'
import { commandForm, type FlaggedLine, instruction } from '../instruction.ts'
import { mountSource } from '../mount.ts'
import { effectiveArgs, inShell, type Setting, type Stage } from '../stage.ts'
import { describeArgument } from './arg.ts'
import { readMounts } from './run-mounts.ts'

const networks: Readonly<Record<string, StepNetwork>> = { default: 'default', none: 'none', host: 'host' }

/** Usable without ARG, set for the process, and never part of the cache key or the history. */
const proxyNames = ['HTTP_PROXY', 'HTTPS_PROXY', 'FTP_PROXY', 'NO_PROXY', 'ALL_PROXY']

const hostnameArgument = 'BUILDKIT_SANDBOX_HOSTNAME'

interface Script {
  readonly words: readonly string[]
  /** A heredoc that names its own interpreter: a file for the process to run. */
  readonly file?: { readonly path: string; readonly content: string }
}

const parseNetwork = (text = 'default'): StepNetwork => {
  const network = Object.hasOwn(networks, text) ? networks[text] : undefined
  if (network === undefined) throw invalid(`invalid network mode ${JSON.stringify(text)}`)
  return network
}

const checkFlags = (line: FlaggedLine): void => {
  if (line.given.has('device')) throw new SlipwayError('unsupported', 'RUN --device is not supported')
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
  const content = heredocText(first)
  if (!content.startsWith('#!')) return { words: inShell(stage, content) }
  const path = `/dev/pipes/${first.name}`
  return { words: inShell(stage, path), file: { path, content } }
}

const historyOf = (stage: Stage, words: readonly string[]): string => {
  const args = effectiveArgs(stage).map((argument) => describeArgument({ value: '', ...argument }))
  const declared = args.length === 0 ? [] : [`|${args.length}`, ...args]
  return `RUN ${[...declared, ...words].join(' ')} # buildkit`
}

/** In either case given, and then set in both. Of several the last one in the order of the alphabet counts. */
const proxiesOf = ({ buildArgs }: Setting, environment: Stage['environment']): readonly string[] => {
  const given = Object.keys(buildArgs).sort()
  return proxyNames.flatMap((name) => {
    const value = buildArgs[given.findLast((each) => each.toUpperCase() === name) ?? '']
    if (!value) return []
    return [name, name.toLowerCase()]
      .filter((each) => assignedTo(environment, each) === undefined)
      .map((each) => `${each}=${value}`)
  })
}

export const run = instruction({
  name: 'RUN',
  flags: { mount: 'strings', network: 'string', security: 'string', device: 'strings' },
  parse(line) {
    checkFlags(line)
    const network = line.given.text('network')
    const mountSources = line.given.all('mount').flatMap((text) => mountSource(text) ?? [])
    return { line, mountSources, ...(network === undefined ? {} : { network: parseNetwork(network) }) }
  },
  sources: ({ mountSources }) => mountSources,
  apply({ line, network }, stage, setting) {
    const script = scriptOf(line, stage)
    const { environment } = stage
    const stepNetwork = network ?? setting.networkMode
    if (stepNetwork === 'host' && setting.hostNetwork === false) {
      throw invalid('failed to load LLB: network.host is not allowed')
    }
    const { mounts, sources } = readMounts(line.given.all('mount'), line, stage, setting)
    const execution: Execution = {
      args: script.words,
      // Of a long file every RUN has a longer list: written out where it is done, and not kept.
      get env() {
        return environmentList(environment)
      },
      proxies: proxiesOf(setting, environment),
      cwd: stage.config.WorkingDir || '/',
      user: stage.config.User ?? '',
      network: stepNetwork,
      extraHosts: setting.extraHosts,
      resources: setting.resources,
      limits: setting.limits ?? {},
      mounts,
      ...(setting.buildArgs[hostnameArgument] ? { hostname: setting.buildArgs[hostnameArgument] } : {}),
      ...(setting.newest === undefined ? {} : { newest: setting.newest }),
      ...(script.file === undefined ? {} : { file: script.file }),
      ...(setting.shmSize === undefined ? {} : { shmSize: setting.shmSize }),
    }
    const root = execute(stage.root, execution, sources)
    return {
      stage: { ...stage, root },
      get createdBy() {
        return historyOf(stage, script.words)
      },
    }
  },
})
