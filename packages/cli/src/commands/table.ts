import type { Group, Load } from './group.ts'
import { hub } from './hub/table.ts'

/** Each command in a module of its own that is only loaded when it is called: a start stays short. */
const container = {
  attach: () => import('./container/attach.ts'),
  commit: () => import('./container/commit.ts'),
  cp: () => import('./container/cp.ts'),
  create: () => import('./container/create.ts'),
  diff: () => import('./container/diff.ts'),
  exec: () => import('./container/exec.ts'),
  export: () => import('./container/export.ts'),
  inspect: () => import('./container/inspect.ts'),
  kill: () => import('./container/kill.ts'),
  logs: () => import('./container/logs.ts'),
  ls: () => import('./container/ls.ts'),
  pause: () => import('./container/pause.ts'),
  port: () => import('./container/port.ts'),
  prune: () => import('./container/prune.ts'),
  rename: () => import('./container/rename.ts'),
  restart: () => import('./container/restart.ts'),
  rm: () => import('./container/rm.ts'),
  run: () => import('./container/run.ts'),
  start: () => import('./container/start.ts'),
  stats: () => import('./container/stats.ts'),
  stop: () => import('./container/stop.ts'),
  top: () => import('./container/top.ts'),
  unpause: () => import('./container/unpause.ts'),
  update: () => import('./container/update.ts'),
  wait: () => import('./container/wait.ts'),
} satisfies Group['commands']

const builder = {
  build: () => import('./image/build.ts'),
  du: () => import('./builder/du.ts'),
  explain: () => import('./builder/explain.ts'),
  inspect: () => import('./builder/inspect.ts'),
  ls: () => import('./builder/ls.ts'),
  prune: () => import('./builder/prune.ts'),
} satisfies Group['commands']

const builderHistory: Group = {
  summary: 'Commands to work on build records',
  commands: {
    export: () => import('./builder/history/export.ts'),
    import: async () => ({ command: (await import('./builder/history/elsewhere.ts')).commands.import }),
    inspect: () => import('./builder/history/inspect.ts'),
    logs: () => import('./builder/history/logs.ts'),
    ls: () => import('./builder/history/ls.ts'),
    open: async () => ({ command: (await import('./builder/history/elsewhere.ts')).commands.open }),
    rm: () => import('./builder/history/rm.ts'),
    trace: async () => ({ command: (await import('./builder/history/elsewhere.ts')).commands.trace }),
  },
  aliases: {},
}

const image = {
  bootstrap: () => import('./image/bootstrap.ts'),
  build: () => import('./image/build.ts'),
  diff: () => import('./image/diff.ts'),
  explore: () => import('./image/explore.ts'),
  history: () => import('./image/history.ts'),
  import: () => import('./image/import.ts'),
  inspect: () => import('./image/inspect.ts'),
  load: () => import('./image/load.ts'),
  ls: () => import('./image/ls.ts'),
  mount: () => import('./image/mount.ts'),
  prune: () => import('./image/prune.ts'),
  pull: () => import('./image/pull.ts'),
  push: () => import('./image/push.ts'),
  rm: () => import('./image/rm.ts'),
  save: () => import('./image/save.ts'),
  tag: () => import('./image/tag.ts'),
  unmount: () => import('./image/unmount.ts'),
} satisfies Group['commands']

const network = {
  connect: () => import('./network/connect.ts'),
  create: () => import('./network/create.ts'),
  disconnect: () => import('./network/disconnect.ts'),
  inspect: () => import('./network/inspect.ts'),
  ls: () => import('./network/ls.ts'),
  prune: () => import('./network/prune.ts'),
  rm: () => import('./network/rm.ts'),
} satisfies Group['commands']

const system = {
  check: () => import('./system/check.ts'),
  df: () => import('./system/df.ts'),
  events: () => import('./system/events.ts'),
  info: () => import('./system/info.ts'),
  prune: () => import('./system/prune.ts'),
  shutdown: () => import('./system/shutdown.ts'),
} satisfies Group['commands']

const volume = {
  create: () => import('./volume/create.ts'),
  inspect: () => import('./volume/inspect.ts'),
  ls: () => import('./volume/ls.ts'),
  prune: () => import('./volume/prune.ts'),
  rm: () => import('./volume/rm.ts'),
} satisfies Group['commands']

const context = {
  create: () => import('./context/create.ts'),
  export: () => import('./context/export.ts'),
  import: () => import('./context/import.ts'),
  inspect: () => import('./context/inspect.ts'),
  ls: () => import('./context/ls.ts'),
  rm: () => import('./context/rm.ts'),
  show: () => import('./context/show.ts'),
  update: () => import('./context/update.ts'),
  use: () => import('./context/use.ts'),
} satisfies Group['commands']

const service = {
  install: () => import('./service/install.ts'),
  uninstall: () => import('./service/uninstall.ts'),
} satisfies Group['commands']

/** `slipway NOUN VERB` */
export const groups: Readonly<Record<string, Group>> = {
  builder: { summary: 'Manage builds', commands: builder, aliases: {}, groups: { history: builderHistory } },
  container: { summary: 'Manage containers', commands: container, aliases: { list: 'ls', ps: 'ls', remove: 'rm' } },
  context: { summary: 'Manage contexts', commands: context, aliases: { list: 'ls', remove: 'rm' } },
  hub,
  image: { summary: 'Manage images', commands: image, aliases: { list: 'ls', remove: 'rm', umount: 'unmount' } },
  network: { summary: 'Manage networks', commands: network, aliases: { list: 'ls', remove: 'rm' } },
  service: { summary: 'Manage the engine as a systemd service', commands: service, aliases: {} },
  system: { summary: 'Manage the engine', commands: system, aliases: {} },
  volume: { summary: 'Manage volumes', commands: volume, aliases: { list: 'ls', remove: 'rm' } },
}

/** The words that docker's help puts first. */
export const everydayCommands: Readonly<Record<string, Load>> = {
  run: container.run,
  exec: container.exec,
  ps: container.ls,
  build: image.build,
  pull: image.pull,
  push: image.push,
  images: image.ls,
  login: () => import('./system/login.ts'),
  logout: () => import('./system/logout.ts'),
  search: () => import('./image/search.ts'),
  version: () => import('./system/version.ts'),
  info: system.info,
}

/** `slipway VERB` */
export const commands: Readonly<Record<string, Load>> = {
  attach: container.attach,
  commit: container.commit,
  completion: () => import('./system/completion.ts'),
  cp: container.cp,
  create: container.create,
  diff: container.diff,
  events: system.events,
  export: container.export,
  history: image.history,
  import: image.import,
  inspect: () => import('./system/inspect.ts'),
  kill: container.kill,
  load: image.load,
  logs: container.logs,
  pause: container.pause,
  port: container.port,
  rename: container.rename,
  restart: container.restart,
  rm: container.rm,
  rmi: image.rm,
  save: image.save,
  start: container.start,
  stats: container.stats,
  stop: container.stop,
  tag: image.tag,
  top: container.top,
  unpause: container.unpause,
  update: container.update,
  wait: container.wait,
}
