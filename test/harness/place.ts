import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** The checkout. */
export const root = join(import.meta.dirname, '../..')
export const slipwayProgram = join(root, 'bin/slipway')

const own = join(root, '.slipway/bin')

/** What the set-up unpacked is newer than what PATH has; where there was no need to unpack it, PATH's is new enough. */
export const dockerProgram = existsSync(join(own, 'docker')) ? join(own, 'docker') : 'docker'

/** Images that take long to make, kept for the next run of the tests. */
export const testImages = join(root, '.slipway/test-images')

/** Where the docker CLI finds buildx and compose. */
export const dockerPlugins = join(own, 'cli-plugins')

/** Of the environment, what decides nothing about the test. */
export const plainEnvironment = (): NodeJS.ProcessEnv => {
  const { DOCKER_HOST, DOCKER_CONTEXT, DOCKER_CONFIG, SLIPWAY_HOST, ...rest } = process.env
  return { ...rest, PATH: `${process.env['PATH']}:/usr/sbin:/sbin:${own}`, LC_ALL: 'C.UTF-8' }
}

/** The tests' long run: more rounds of everything that happens at random, and what takes minutes. */
export const isLong = process.env['SLIPWAY_TEST_LONG'] === '1'
