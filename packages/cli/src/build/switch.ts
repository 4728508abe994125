import type { Session } from '../command.ts'

/** Whether builds go through the classic door: docker's switch says so, or the engine has no other. */
export const wantsClassic = async ({ env, client }: Session): Promise<boolean> => {
  const { DOCKER_BUILDKIT: typed = '' } = env
  return typed === '0' || typed.toLowerCase() === 'false' || !(await client()).hasBuildKit
}
