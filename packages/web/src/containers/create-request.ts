import type { ContainerCreateBody, PortBinding } from '@slipway/client'

export const restartPolicies = ['no', 'always', 'unless-stopped', 'on-failure'] as const
export type RestartPolicy = (typeof restartPolicies)[number]

/** What the form holds: text as people write it. */
export interface CreateForm {
  readonly image: string
  readonly name: string
  readonly command: string
  readonly ports: string
  readonly environment: string
  readonly volumes: string
  readonly network: string
  readonly restart: RestartPolicy
  readonly autoRemove: boolean
  readonly tty: boolean
}

export const emptyForm: CreateForm = {
  image: '',
  name: '',
  command: '',
  ports: '',
  environment: '',
  volumes: '',
  network: 'bridge',
  restart: 'no',
  autoRemove: false,
  tty: false,
}

const linesOf = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')

/**
 * Words as a shell takes them apart: quotes hold spaces, a backslash the next character. Throws at a quote that is never closed.
 */
export const shellWords = (text: string): readonly string[] => {
  const words: string[] = []
  let word: string | undefined
  let quote = ''
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index] ?? ''
    if (character === '\\' && quote !== "'") word = (word ?? '') + (text[++index] ?? '')
    else if (quote !== '' && character === quote) quote = ''
    else if (quote !== '') word = (word ?? '') + character
    else if (character === '"' || character === "'") {
      quote = character
      word ??= ''
    } else if (!/\s/.test(character)) word = (word ?? '') + character
    else if (word !== undefined) {
      words.push(word)
      word = undefined
    }
  }
  if (quote !== '') throw new Error(`a ${quote} is never closed: ${text}`)
  return word === undefined ? words : [...words, word]
}

const portPattern = /^(?:(?:(\[[^\]]+\]|[^:]+):)?(\d*):)?(\d+)(?:\/(tcp|udp|sctp))?$/

/** `127.0.0.1:8080:80/tcp`. Throws for what is no port. */
export const readPort = (line: string): readonly [string, PortBinding] => {
  const found = portPattern.exec(line)
  if (found === null) throw new Error(`this is no port: ${line}`)
  const [, address = '', hostPort = '', containerPort = '', protocol = 'tcp'] = found
  const HostIp = address.replace(/^\[|\]$/g, '')
  return [`${containerPort}/${protocol}`, { HostPort: hostPort, ...(HostIp === '' ? {} : { HostIp }) }]
}

/** By container port; one may be published several times. */
const bindingsOf = (lines: readonly string[]): Readonly<Record<string, readonly PortBinding[]>> => {
  const ports = lines.map(readPort)
  return Object.fromEntries(
    ports.map(([port]) => [port, ports.filter(([other]) => other === port).map(([, binding]) => binding)]),
  )
}

/** The body of POST /containers/create. Throws with words for the person who wrote the form. */
export const createRequest = (form: CreateForm): ContainerCreateBody => {
  const bindings = bindingsOf(linesOf(form.ports))
  const command = shellWords(form.command)
  return {
    Image: form.image.trim(),
    ...(command.length > 0 ? { Cmd: command } : {}),
    Env: linesOf(form.environment),
    ExposedPorts: Object.fromEntries(Object.keys(bindings).map((port) => [port, {}])),
    Tty: form.tty,
    OpenStdin: form.tty,
    HostConfig: {
      PortBindings: bindings,
      Binds: linesOf(form.volumes),
      NetworkMode: form.network,
      RestartPolicy: { Name: form.restart },
      AutoRemove: form.autoRemove,
    },
  }
}

const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)

/** What the docker CLI would be told. */
export const runCommand = (form: CreateForm): string =>
  [
    'docker run -d',
    form.tty ? '-it' : '',
    form.autoRemove ? '--rm' : '',
    form.name === '' ? '' : `--name ${quoted(form.name)}`,
    ...linesOf(form.ports).map((line) => `-p ${quoted(line)}`),
    ...linesOf(form.environment).map((line) => `-e ${quoted(line)}`),
    ...linesOf(form.volumes).map((line) => `-v ${quoted(line)}`),
    form.network === 'bridge' ? '' : `--network ${quoted(form.network)}`,
    form.restart === 'no' ? '' : `--restart ${form.restart}`,
    form.image === '' ? 'IMAGE' : quoted(form.image.trim()),
    form.command.trim(),
  ]
    .filter((word) => word !== '')
    .join(' ')
