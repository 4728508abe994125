import { mkdir } from 'node:fs/promises'
import type { Server } from 'node:http'
import { join } from 'node:path'
import { buildMigrations, cachedLayers } from '@slipway/build'
import { type Database, type Digest, type Logger, messageOf, SlipwayError } from '@slipway/core'
import { openSqlite, SpaceReserve, withReserve } from '@slipway/database'
import { createHttpServer, type Route, type ServerTls } from '@slipway/http'
import { findBinary, makeSharedMount, warmThreadPool } from '@slipway/linux'
import { chooseRuntimes, FilterCache, ForegroundRuntime, ShimRuntime } from '@slipway/runtime'
import { FsContentStore, InProcessLeases, openSnapshotter } from '@slipway/store'
import { apiVersion, stripVersion } from './api-version.ts'
import {
  type BuildKitRouteDeps,
  type BuildRouteDeps,
  buildHistoryMigrations,
  buildKitRoutes,
  buildRoutes,
  buildWorker,
  keepCacheSmall,
  openBuildKit,
  serveBuildKit,
} from './builds/index.ts'
import type { EngineConfig } from './config/load.ts'
import { ExitWaiters } from './containers/exit-waiters.ts'
import { initLayerName } from './containers/init-layer.ts'
import { imagesMountedBy, volumesOf } from './containers/mounts/chosen.ts'
import { imageViewsOf } from './containers/mounts/image-views.ts'
import { ContainerRecords, containerMigrations, isUp } from './containers/records.ts'
import { restoreContainers } from './containers/restore.ts'
import type { ContainerRoom } from './containers/room.ts'
import { type ContainerRouteDeps, containerRoutes } from './containers/routes.ts'
import { renderError } from './http-status.ts'
import { Collector } from './images/collect.ts'
import { mountedViews } from './images/mount.ts'
import type { ImageRouteDeps } from './images/request.ts'
import { imageRoutes } from './images/routes.ts'
import { ImageStore, imageMigrations } from './images/store.ts'
import { KeyedLock } from './keyed-lock.ts'
import { Networks } from './networks/networks.ts'
import { networkMigrations } from './networks/records.ts'
import { type NetworkRouteDeps, networkRoutes } from './networks/routes.ts'
import { holdDataRoot } from './system/data-root.ts'
import { InProcessEventBus } from './system/event-bus.ts'
import { engineId, identityMigrations } from './system/identity.ts'
import { type SystemRouteDeps, systemRoutes } from './system/routes.ts'
import { Shutdown } from './system/shutdown.ts'
import { productVersion, toolVersions } from './system/version.ts'
import { volumeMigrations } from './volumes/records.ts'
import { type VolumeRouteDeps, volumeRoutes } from './volumes/routes.ts'
import { Volumes } from './volumes/volumes.ts'

export type EngineDeps = ContainerRouteDeps &
  ImageRouteDeps &
  NetworkRouteDeps &
  VolumeRouteDeps &
  SystemRouteDeps &
  BuildRouteDeps &
  BuildKitRouteDeps

const routes: readonly Route<EngineDeps>[] = [
  ...systemRoutes,
  ...containerRoutes,
  ...imageRoutes,
  ...networkRoutes,
  ...volumeRoutes,
  ...buildRoutes,
  ...buildKitRoutes,
]

/** The programs that must be there. Throws unavailable, saying how to get them. */
const findTools = (): { readonly shim: string } => {
  const find = (name: string): string => {
    const path = findBinary(name)
    if (path !== undefined) return path
    throw new SlipwayError('unavailable', `${name} was not found in PATH; "npm start" in the checkout installs it`)
  }
  const shim = find('containerd-shim-runc-v2')
  find('nft')
  return { shim }
}

export interface ComposedEngine extends AsyncDisposable {
  /** One for each socket; with TLS where it is given. */
  newServer(tls?: ServerTls): Server
  readonly room: ContainerRoom
  readonly shutdown: Shutdown
}

const openDatabase = async (
  { dataRoot }: EngineConfig,
  logger: Logger,
  undo: AsyncDisposableStack,
): Promise<Database> => {
  const reserve = undo.use(await SpaceReserve.open(join(dataRoot, 'reserve'), logger))
  const database = undo.use(withReserve(await openSqlite(join(dataRoot, 'engine.db')), reserve))
  await database.migrate([
    ...identityMigrations,
    ...imageMigrations,
    ...containerMigrations,
    ...networkMigrations,
    ...volumeMigrations,
    ...buildMigrations,
    ...buildHistoryMigrations,
  ])
  return database
}

/** What of the content store and the snapshots is in use, beside what images and leases hold. */
const newCollector = ({ records, images }: ContainerRoom, database: Database): Collector =>
  new Collector(images, [
    () =>
      records
        .all()
        .flatMap((record) => [record.id, ...imageViewsOf(record)])
        .map((name) => ({ kind: 'snapshot' as const, name })),
    () => mountedViews().map((name) => ({ kind: 'snapshot' as const, name })),
    // The next container of the image stands on it, too.
    async () =>
      (await images.list()).map(({ chainId }) => ({ kind: 'snapshot' as const, name: initLayerName(chainId) })),
    async () => (await cachedLayers(database)).map(({ chainId }) => ({ kind: 'snapshot' as const, name: chainId })),
  ])

const openServer = (deps: EngineDeps, logger: Logger, tls: ServerTls | undefined): Server =>
  createHttpServer({
    routes,
    deps,
    logger,
    headers: {
      'Api-Version': apiVersion,
      'Docker-Experimental': 'false',
      Ostype: 'linux',
      Server: `Slipway/${productVersion} (linux)`,
    },
    rewrite: stripVersion,
    renderError: renderError(logger),
    onHttp2: (socket) => void serveBuildKit(deps.buildkit, socket),
    tls,
  })

/** The engine, put together: this reads as its parts list. Disposing stops serving and leaves the containers running. */
export const composeEngine = async (config: EngineConfig, logger: Logger): Promise<ComposedEngine> => {
  await using undo = new AsyncDisposableStack()
  const { shim } = findTools()
  await warmThreadPool()
  undo.use(await holdDataRoot(config.dataRoot))
  await mkdir(config.execRoot, { recursive: true, mode: 0o711 })
  makeSharedMount(config.execRoot)

  const systemdCgroup = config.cgroups.driver === 'systemd'
  // Tried out while the rest opens.
  const choosing = chooseRuntimes({
    added: config.addedRuntimes,
    default: config.defaultRuntime,
    launchers: join(config.dataRoot, 'launchers'),
    systemdCgroup,
    logger,
  })
  choosing.catch(() => undefined)

  const database = await openDatabase(config, logger, undo)
  const events = new InProcessEventBus()
  const leases = new InProcessLeases()
  const content = await FsContentStore.open(join(config.dataRoot, 'content'))
  const snapshots = undo.use(await openSnapshotter(join(config.dataRoot, 'snapshots'), config.storageDriver))
  const records = await ContainerRecords.open(database)
  const users = (id: Digest) =>
    records
      .all()
      .filter(({ imageId, definition }) => imageId === id || imagesMountedBy(definition).includes(id))
      .map((record) => ({ id: record.id, running: isUp(record) }))
  const images = await ImageStore.open({ database, content, snapshots, leases, events, inUse: users })
  const runtimes = await choosing
  const filters = new FilterCache()
  const runtime = undo.use(
    new ShimRuntime({
      shim,
      runtimes,
      stateRoot: join(config.execRoot, 'runtime'),
      namespace: `slipway-${config.bridge ?? 'none'}`,
      systemdCgroup,
      filters,
      logger,
    }),
  )
  await runtime.open()
  const survivors = records.all().filter(isUp)
  const networks = undo.use(await Networks.open({ config, database, survivors, logger }))
  const volumes = await Volumes.open({
    database,
    root: join(config.dataRoot, 'volumes'),
    usersOf: (name) => records.all().flatMap(({ id, definition }) => (volumesOf(definition).includes(name) ? id : [])),
    survivors: survivors.map(({ id, definition }) => ({ id, volumes: volumesOf(definition) })),
    events,
    logger,
  })

  const room: ContainerRoom = {
    records,
    running: new Map(),
    streams: new Map(),
    execs: new Map(),
    pendingRestarts: new Map(),
    restartsAsked: new Set(),
    stopsAsked: new Set(),
    waiters: new ExitWaiters(),
    lock: new KeyedLock(),
    images,
    snapshots,
    leases,
    runtime,
    networks,
    volumes,
    events,
    cgroups: config.cgroups,
    logger,
    dataRoot: join(config.dataRoot, 'containers'),
    execRoot: join(config.execRoot, 'containers'),
  }
  undo.defer(() => {
    for (const { timer } of room.pendingRestarts.values()) clearTimeout(timer)
    // The beginning of a line whose end comes when the next daemon reads.
    for (const { log, stdio } of room.running.values()) {
      log?.flush()
      stdio.unref()
    }
  })
  await restoreContainers(room)

  const collector = newCollector(room, database)
  const imageRoom = { store: images, collector, registries: config.registries }
  const builds = await buildWorker({
    images: imageRoom,
    networks,
    runtime: new ForegroundRuntime({
      runtimes,
      stateRoot: join(config.execRoot, 'runtime/steps'),
      systemdCgroup,
      filters,
      logger,
    }),
    cgroups: { parent: config.cgroups.parent, systemd: systemdCgroup },
    cache: database,
    scratch: join(config.dataRoot, 'builds'),
  })
  const buildkit = undo.use(
    openBuildKit({
      worker: builds,
      images: imageRoom,
      directory: join(config.dataRoot, 'builds/received'),
      database,
      hostGateway: () => networks.gateway,
    }),
  )
  await collector.recover()
  undo.use(
    keepCacheSmall(buildkit, (error) =>
      logger.warn({ error: messageOf(error) }, 'the build cache could not be collected'),
    ),
  )

  const info = {
    id: await engineId(database),
    config,
    containers: room,
    events,
    versions: toolVersions(shim, runtimes),
  }
  const shutdown = new Shutdown(room)
  const deps: EngineDeps = {
    containers: room,
    images,
    collector,
    registries: config.registries,
    builds,
    buildkit,
    info,
    shutdown,
  }
  const newServer = (tls?: ServerTls): Server => openServer(deps, logger, tls)
  const parts = undo.move()
  return { newServer, room, shutdown, [Symbol.asyncDispose]: () => parts.disposeAsync() }
}
