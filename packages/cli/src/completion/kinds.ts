import { type EngineClient, listContainers, listImages, listNetworks, listVolumes } from '@slipway/client'
import type { HubClient } from '@slipway/client/hub/client'
import type { Context } from '../config/contexts.ts'
import { scripts } from './scripts.ts'

/** What a word of a command line stands for. */
export type Kind =
  | 'container'
  | 'running'
  | 'stopped'
  | 'paused'
  | 'image'
  | 'network'
  | 'volume'
  | 'repository'
  | 'account'
  | 'project'
  | 'team'
  | 'token'
  | 'webhook'
  | 'context'
  | 'shell'
  | 'record'
  | 'file'
  | 'any'
  | 'none'

export interface Candidate {
  readonly word: string
  readonly about: string
}

/** What the operands of each command stand for, one after the other; the last also for all that follow. */
export const operandKinds: Readonly<Record<string, readonly Kind[]>> = {
  'container attach': ['running', 'none'],
  'container commit': ['container', 'image', 'none'],
  'container cp': ['container', 'container'],
  'container create': ['image', 'none'],
  'container diff': ['container', 'none'],
  'container exec': ['running', 'none'],
  'container export': ['container', 'none'],
  'container inspect': ['container'],
  'container kill': ['running'],
  'container logs': ['container', 'none'],
  'container pause': ['running'],
  'container port': ['container', 'none'],
  'container rename': ['container', 'none'],
  'container restart': ['container'],
  'container rm': ['container'],
  'container run': ['image', 'none'],
  'container start': ['stopped'],
  'container stats': ['running'],
  'container stop': ['running'],
  'container top': ['running', 'none'],
  'container unpause': ['paused'],
  'container update': ['container'],
  'container wait': ['container'],
  completion: ['shell', 'none'],
  'context export': ['context', 'file', 'none'],
  'context import': ['none', 'file', 'none'],
  'context inspect': ['context'],
  'context rm': ['context'],
  'context update': ['context', 'none'],
  'context use': ['context', 'none'],
  'builder explain': ['record', 'none'],
  'builder history inspect': ['record', 'none'],
  'builder history logs': ['record', 'none'],
  'builder history rm': ['record'],
  'image build': ['file'],
  'image diff': ['image', 'image', 'none'],
  'image explore': ['image', 'none'],
  'image history': ['image', 'none'],
  'image import': ['file', 'image', 'none'],
  'image inspect': ['image'],
  'image ls': ['image', 'none'],
  'image mount': ['image', 'file', 'none'],
  'image pull': ['image', 'none'],
  'image push': ['image', 'none'],
  'image rm': ['image'],
  'image save': ['image'],
  'image tag': ['image', 'image', 'none'],
  'image unmount': ['file'],
  'hub audit': ['repository', 'none'],
  'hub describe': ['repository', 'none'],
  'hub events': ['repository', 'none'],
  'hub history': ['repository', 'none'],
  'hub inspect': ['repository'],
  'hub people disable': ['account'],
  'hub people enable': ['account'],
  'hub people grant': ['account', 'repository', 'none'],
  'hub people reset-password': ['account', 'none'],
  'hub people reset-second-factor': ['account'],
  'hub people revoke': ['account', 'none'],
  'hub people rm': ['account'],
  'hub project inspect': ['project'],
  'hub project members': ['project', 'none'],
  'hub project remove-member': ['project', 'account', 'none'],
  'hub project rm': ['project'],
  'hub project set-member': ['project', 'account', 'none'],
  'hub project update': ['project', 'none'],
  'hub readme': ['repository', 'none'],
  'hub rm': ['repository'],
  'hub robot create': ['project', 'none'],
  'hub robot ls': ['project', 'none'],
  'hub robot rm': ['project', 'none'],
  'hub rule create': ['project', 'none'],
  'hub rule ls': ['project', 'none'],
  'hub rule rm': ['project', 'none'],
  'hub rule run': ['project', 'none'],
  'hub rollback': ['repository', 'none'],
  'hub second-factor confirm': ['none'],
  'hub second-factor off': ['none'],
  'hub second-factor recovery-codes': ['none'],
  'hub session rm': ['none'],
  'hub star': ['repository'],
  'hub tags': ['repository', 'none'],
  'hub team join': ['team', 'account', 'none'],
  'hub team leave': ['team', 'account', 'none'],
  'hub team rm': ['team'],
  'hub token rm': ['token'],
  'hub trash': ['repository', 'none'],
  'hub unstar': ['repository'],
  'hub untag': ['repository'],
  'hub visibility': ['repository', 'none'],
  'hub webhook deliveries': ['webhook', 'none'],
  'hub webhook redeliver': ['webhook', 'none'],
  'hub webhook rm': ['webhook'],
  inspect: ['any'],
  'network connect': ['network', 'container', 'none'],
  'network disconnect': ['network', 'container', 'none'],
  'network inspect': ['network'],
  'network rm': ['network'],
  'volume inspect': ['volume'],
  'volume rm': ['volume'],
}

/** What the values of flags stand for, whatever the command: words to choose from, or a kind. */
export const flagValues: Readonly<Record<string, Kind | readonly string[]>> = {
  'env-file': 'file',
  call: ['build', 'check', 'outline', 'targets'],
  cidfile: 'file',
  context: 'context',
  export: ['jsonl', 'csv'],
  file: 'file',
  iidfile: 'file',
  input: 'file',
  ipc: ['host', 'none', 'private', 'shareable'],
  'label-file': 'file',
  'log-driver': ['json-file', 'local', 'none', 'journald', 'syslog'],
  'metadata-file': 'file',
  network: 'network',
  output: 'file',
  project: 'project',
  pid: ['host'],
  progress: ['auto', 'none', 'plain', 'quiet', 'rawjson', 'tty'],
  pull: ['always', 'missing', 'never'],
  restart: ['no', 'always', 'on-failure', 'on-unhealthy', 'unless-stopped'],
  signal: ['SIGHUP', 'SIGINT', 'SIGKILL', 'SIGQUIT', 'SIGTERM', 'SIGUSR1', 'SIGUSR2'],
  'stop-signal': ['SIGINT', 'SIGKILL', 'SIGQUIT', 'SIGTERM'],
  type: ['container', 'image', 'network', 'volume'],
  userns: ['host'],
  uts: ['host'],
  visibility: ['public', 'private'],
  volume: 'volume',
  'volumes-from': 'container',
}

const containersIn = async (client: EngineClient, states: readonly string[]): Promise<readonly Candidate[]> => {
  const found = await listContainers(client, { all: true })
  return found
    .filter(({ State }) => states.length === 0 || states.includes(State))
    .flatMap(({ Names, Image, Status }) =>
      Names.map((name) => ({ word: name.replace(/^\//, ''), about: `${Image}, ${Status}` })),
    )
}

const images = async (client: EngineClient): Promise<readonly Candidate[]> =>
  (await listImages(client)).flatMap(({ RepoTags }) =>
    (RepoTags ?? []).map((name) => ({ word: name.replace(/:latest$/, ''), about: 'image' })),
  )

const networks = async (client: EngineClient): Promise<readonly Candidate[]> =>
  (await listNetworks(client)).map(({ Name, Driver }) => ({ word: Name, about: `network, ${Driver}` }))

const volumes = async (client: EngineClient): Promise<readonly Candidate[]> =>
  (await listVolumes(client)).Volumes.map(({ Name, Driver }) => ({ word: Name, about: `volume, ${Driver}` }))

export const files: Candidate = { word: ':files', about: '' }

/** Whom to ask: each connects at the first call. */
export interface Sources {
  readonly engine: () => Promise<EngineClient>
  readonly hub: () => Promise<HubClient>
  /** The builds that the engine remembers. */
  readonly records: () => Promise<readonly { readonly ref: string; readonly name: string }[]>
  readonly contexts: () => Promise<readonly Context[]>
  /** What a program prints with `--help`. */
  readonly help: (program: string) => Promise<string>
}

/** A tab waits for no more of a long list. */
const mostOfHub = 200

/** The calls of the hub are loaded by who completes one of its words alone. */
const ofHub = async <T>(
  { hub }: Sources,
  list: (
    calls: typeof import('@slipway/client/hub/client'),
    hub: HubClient,
  ) => AsyncIterable<T> | Promise<readonly T[]>,
  candidate: (one: T) => Candidate,
): Promise<readonly Candidate[]> => {
  const found: Candidate[] = []
  const calls = await import('@slipway/client/hub/client')
  for await (const one of await list(calls, await hub())) {
    found.push(candidate(one))
    if (found.length === mostOfHub) break
  }
  return found
}

/** What there is of a kind. */
export const candidatesOf: Readonly<Record<Kind, (from: Sources) => Promise<readonly Candidate[]>>> = {
  container: async ({ engine }) => await containersIn(await engine(), []),
  running: async ({ engine }) => await containersIn(await engine(), ['running', 'paused']),
  stopped: async ({ engine }) => await containersIn(await engine(), ['created', 'exited', 'dead']),
  paused: async ({ engine }) => await containersIn(await engine(), ['paused']),
  image: async ({ engine }) => await images(await engine()),
  network: async ({ engine }) => await networks(await engine()),
  volume: async ({ engine }) => await volumes(await engine()),
  any: async ({ engine }) => {
    const client = await engine()
    const all = [containersIn(client, []), images(client), networks(client), volumes(client)]
    return (await Promise.all(all)).flat()
  },
  repository: (from) =>
    ofHub(
      from,
      ({ listRepositories }, hub) => listRepositories(hub),
      ({ name, description }) => ({ word: name, about: description }),
    ),
  account: (from) =>
    ofHub(
      from,
      ({ listAccounts }, hub) => listAccounts(hub),
      ({ name, kind }) => ({ word: name, about: kind }),
    ),
  project: (from) =>
    ofHub(
      from,
      ({ listProjects }, hub) => listProjects(hub),
      ({ name, description }) => ({ word: name, about: description }),
    ),
  team: (from) =>
    ofHub(
      from,
      ({ listTeams }, hub) => listTeams(hub),
      ({ name, description }) => ({ word: name, about: description }),
    ),
  token: (from) =>
    ofHub(
      from,
      ({ listTokens }, hub) => listTokens(hub),
      ({ id, name }) => ({ word: id, about: name }),
    ),
  webhook: (from) =>
    ofHub(
      from,
      ({ listWebhooks }, hub) => listWebhooks(hub),
      ({ id, url }) => ({ word: id, about: url }),
    ),
  context: async ({ contexts }) =>
    (await contexts()).map(({ Name, Metadata }) => ({ word: Name, about: Metadata.Description ?? '' })),
  record: async ({ records }) => (await records()).map(({ ref, name }) => ({ word: ref, about: name })),
  shell: async () => Object.keys(scripts).map((word) => ({ word, about: '' })),
  file: async () => [files],
  none: async () => [],
}
