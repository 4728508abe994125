import type { ReceivedContexts, RemoteFiles, SentEntry } from '@slipway/build'
import { type ClientSession, type fsutil, permissionsOfGoMode, receiveFiles, typeOfGoMode } from '@slipway/buildkit'
import { invalid, SlipwayError } from '@slipway/core'
import type { Progress } from './progress.ts'

const entryOf = ({
  path,
  mode,
  uid,
  gid,
  size,
  modTime,
  linkname,
  devmajor,
  devminor,
  xattrs,
}: fsutil.Stat): SentEntry => {
  const type = typeOfGoMode(mode)
  if (type === 'socket') throw invalid(`the context holds a socket: ${path.slice(0, 1024)}`)
  const isHardLink = type === 'file' && linkname !== ''
  return {
    path,
    type: isHardLink ? 'hardlink' : type,
    mode: permissionsOfGoMode(mode),
    uid,
    gid,
    size: type === 'file' && !isHardLink ? size : 0,
    mtime: modTime,
    linkname,
    devMajor: devmajor,
    devMinor: devminor,
    xattrs:
      xattrs.size === 0
        ? null
        : Object.fromEntries([...xattrs].map(([name, value]) => [name, Buffer.from(value).toString('base64')])),
  }
}

export interface SessionDirectory {
  readonly session: ClientSession
  /** The client's name for it. */
  readonly directory: string
  readonly contexts: ReceivedContexts
  readonly progress: Progress
  /** How the step is shown. */
  readonly label: string
  /** Only what these patterns take. */
  readonly include?: readonly string[]
  /** Before the label; default `[internal]`. */
  readonly prefix?: string
}

/** A directory that stays with the client until a step needs it; what came before isn't sent again. */
export const sessionFiles = ({
  session,
  directory,
  contexts,
  progress,
  label,
  include,
  prefix,
}: SessionDirectory): RemoteFiles => ({
  name: directory,
  async fetch({ paths, ignore, follower }, signal) {
    const step = progress.step(prefix === undefined ? `[internal] load ${label}` : `${prefix} load from client`).start()
    const part = step.part(`transferring ${directory}:`)
    let bytes = 0
    try {
      const key = `${session.facts.sharedKey || session.facts.id}\0${directory}`
      await using receiving = await contexts.receive(key, follower)
      const wanted = {
        directory,
        exclude: ignore,
        ...(include === undefined ? {} : { include }),
        follow: paths?.some((path) => /^[./]*$/.test(path)) ? undefined : paths,
        onBytes(total: number) {
          bytes = total
          part.update(total)
        },
      }
      const sink = {
        isKnown: (bytes: Buffer, start: number, end: number) => receiving.isKnown(bytes, start, end),
        entry: (stat: fsutil.Stat, written: Buffer) => receiving.entry(entryOf(stat), written),
        data: (id: number, chunk: Uint8Array) => receiving.data(id, chunk),
        end: (id: number) => receiving.end(id),
      }
      await receiveFiles(session, wanted, sink, signal)
      const held = await receiving.commit()
      part.finish(bytes)
      step.finish()
      return held
    } catch (error) {
      step.finish({ error: signal.aborted ? new SlipwayError('cancelled', 'context canceled') : error })
      throw error
    }
  },
})
