import { type EngineClient, listContainers, listImages, listNetworks, listVolumes } from '@slipway/client'

/** What a word of a command line stands for. */
export type Kind =
  | 'container'
  | 'running'
  | 'stopped'
  | 'paused'
  | 'image'
  | 'network'
  | 'volume'
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
  cidfile: 'file',
  file: 'file',
  iidfile: 'file',
  input: 'file',
  ipc: ['host', 'none', 'private', 'shareable'],
  'label-file': 'file',
  'log-driver': ['json-file', 'local', 'none', 'journald', 'syslog'],
  network: 'network',
  output: 'file',
  pid: ['host'],
  pull: ['always', 'missing', 'never'],
  restart: ['no', 'always', 'on-failure', 'on-unhealthy', 'unless-stopped'],
  signal: ['SIGHUP', 'SIGINT', 'SIGKILL', 'SIGQUIT', 'SIGTERM', 'SIGUSR1', 'SIGUSR2'],
  'stop-signal': ['SIGINT', 'SIGKILL', 'SIGQUIT', 'SIGTERM'],
  type: ['container', 'image', 'network', 'volume'],
  userns: ['host'],
  uts: ['host'],
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

const files: Candidate = { word: ':files', about: '' }

/** What there is of a kind. */
export const candidatesOf: Readonly<
  Record<Kind, (client: () => Promise<EngineClient>) => Promise<readonly Candidate[]>>
> = {
  container: async (client) => await containersIn(await client(), []),
  running: async (client) => await containersIn(await client(), ['running', 'paused']),
  stopped: async (client) => await containersIn(await client(), ['created', 'exited', 'dead']),
  paused: async (client) => await containersIn(await client(), ['paused']),
  image: async (client) => await images(await client()),
  network: async (client) => await networks(await client()),
  volume: async (client) => await volumes(await client()),
  any: async (connect) => {
    const client = await connect()
    const all = [containersIn(client, []), images(client), networks(client), volumes(client)]
    return (await Promise.all(all)).flat()
  },
  file: async () => [files],
  none: async () => [],
}
