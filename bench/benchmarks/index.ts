import type { Benchmark } from '../measure.ts'
import { buildBig, buildMany, buildRun, buildSteps } from './builds.ts'
import { crowd } from './crowd.ts'
import { execApi } from './exec-api.ts'
import { fifty } from './fifty.ts'
import { idleRss } from './idle-rss.ts'
import { imageLimits } from './image-limits.ts'
import { imageBig, imageMany } from './images.ts'
import { limits } from './limits.ts'
import { list } from './list.ts'
import { makeImage } from './make-image.ts'
import { names } from './names.ts'
import { networks } from './networks.ts'
import { ping } from './ping.ts'
import { registryFull } from './registry-full.ts'
import { registryPull } from './registry-pull.ts'
import { registryPush } from './registry-push.ts'
import { registrySearch } from './registry-search.ts'
import { runApi } from './run-api.ts'
import { runCli } from './run-cli.ts'
import { throughput } from './throughput.ts'

/** In the order in which they run: those that fill the engines come last. */
export const benchmarks: readonly Benchmark[] = [
  limits,
  runApi,
  runCli,
  execApi,
  buildRun,
  buildSteps,
  fifty,
  makeImage,
  imageMany,
  imageBig,
  imageLimits,
  buildMany,
  buildBig,
  ping,
  list,
  idleRss,
  registryPull,
  registryPush,
  registryFull,
  registrySearch,
  throughput,
  names,
  networks,
  crowd,
]
