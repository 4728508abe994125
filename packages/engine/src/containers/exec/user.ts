import type { ExecCreateBody } from '@slipway/client'
import { type ResolvedUser, resolveUser } from '@slipway/runtime'
import type { ContainerRecord } from '../records.ts'
import { type ContainerRoom, pathsOf } from '../room.ts'

/** Whom an exec runs as, looked up in the container's files. Throws invalid in docker's words. */
export const execUser = (
  room: ContainerRoom,
  { id, definition }: ContainerRecord,
  { User }: ExecCreateBody,
): ResolvedUser =>
  resolveUser(pathsOf(room, id).rootfs, {
    spec: User || definition.config.User || '',
    groupAdd: definition.hostConfig.GroupAdd ?? [],
  })
