import { access, open, unlink } from 'node:fs/promises'
import { createContainer, type EngineClient, hasCode, messageOf, pullImage } from '@slipway/client'
import type { Session } from '../command.ts'
import { findCredentials, serverOfImage } from '../config/credentials.ts'
import { bothCases, readProxies } from '../config/proxies.ts'
import { Exit, engineFailed, errorText, exitCodeOfStart, fileProblem } from '../exit.ts'
import { drainProgress, showProgress } from '../progress/show-progress.ts'
import { sizeOf } from '../terminal/follow-size.ts'
import { withApiSocket } from './api-socket.ts'
import { type CreateFlags, createBody } from './create-body.ts'

/** Claims the file for the id before anything is made; what isn't filled is taken away again. */
const claimIdFile = async (
  path: string,
  failed: number,
): Promise<{ readonly fill: (id: string) => Promise<void>; readonly drop: () => Promise<void> }> => {
  const taken = await access(path).then(
    () => true,
    () => false,
  )
  if (taken) {
    throw new Exit(failed, `container ID file found, make sure the other container isn't running or delete ${path}`)
  }
  const handle = await open(path, 'wx').catch((error: unknown) => {
    const problem = new Error(`failed to create the container ID file: ${fileProblem(error, path)}`, { cause: error })
    throw new Exit(failed === engineFailed ? exitCodeOfStart(problem) : failed, problem.message, { cause: error })
  })
  return {
    fill: async (id) => {
      await handle.writeFile(id)
      await handle.close()
    },
    drop: async () => {
      await handle.close()
      await unlink(path).catch(() => undefined)
    },
  }
}

/** With neither tag nor digest it is the `latest` that is looked for. */
const withTag = (image: string): string =>
  image.includes('@') || image.lastIndexOf(':') > image.lastIndexOf('/') ? image : `${image}:latest`

const pull = async (session: Session, client: EngineClient, image: string, flags: CreateFlags): Promise<void> => {
  const auth = await findCredentials(await session.config(), serverOfImage(image))
  const messages = await pullImage(client, image, { auth, platform: flags.platform })
  if (flags.quiet) await drainProgress(messages)
  else await showProgress(messages, session.console.stderr)
}

const pullPolicies = new Set(['always', 'missing', 'never'])

const isMissingImage = (error: unknown): boolean =>
  hasCode(error, 'not-found') && /no such image/i.test(messageOf(error))

/** The proxies of docker's config file are in the environment of every container. */
const withProxies = async (flags: CreateFlags, session: Session): Promise<CreateFlags> => {
  const given = new Set(flags.env.map((entry) => entry.split('=', 1)[0] ?? ''))
  const proxies = bothCases(await readProxies(session), given)
  return proxies.length === 0 ? flags : { ...flags, env: [...flags.env, ...proxies.map((pair) => pair.join('='))] }
}

/**
 * Makes the container, pulling its image when it isn't there; says the engine's warnings. Throws Exit: 125 for what can't be
 * meant, and `failed` for what the engine or the disk refuses.
 */
export const createFromFlags = async (
  session: Session,
  flags: CreateFlags,
  operands: readonly string[],
  { detach = false, failed = engineFailed }: { readonly detach?: boolean; readonly failed?: number } = {},
): Promise<{ readonly id: string }> => {
  if (!pullPolicies.has(flags.pull))
    throw new Exit(125, `invalid pull option: '${flags.pull}': must be one of "always", "missing" or "never"`)
  const [image = '', ...command] = operands
  const body = await createBody(await withProxies(flags, session), image, command, session.env)
  const size = sizeOf(session.console.stdout)
  const request = {
    ...body,
    ...(detach ? { AttachStdin: false, AttachStdout: false, AttachStderr: false, StdinOnce: false } : {}),
    HostConfig: { ...body.HostConfig, ...(flags.tty && size ? { ConsoleSize: [size.height, size.width] } : {}) },
  }
  const socket = flags['use-api-socket'] ? await withApiSocket(session, request, { failed }) : undefined
  const client = await session.client()
  const asked = socket?.body ?? request
  const options = {
    ...(flags.name === undefined ? {} : { name: flags.name }),
    ...(flags.platform === undefined ? {} : { platform: flags.platform }),
  }
  const idFile = flags.cidfile === undefined ? undefined : await claimIdFile(flags.cidfile, failed)
  try {
    if (flags.pull === 'always') await pull(session, client, image, flags)
    const created = await createContainer(client, asked, options).catch(async (error: unknown) => {
      if (!isMissingImage(error) || flags.pull !== 'missing') throw error
      if (!flags.quiet) session.console.stderr.write(`Unable to find image '${withTag(image)}' locally\n`)
      await pull(session, client, image, flags)
      return await createContainer(client, asked, options)
    })
    for (const warning of created.Warnings ?? []) session.console.stderr.write(`WARNING: ${warning}\n`)
    await socket?.lend(client, created.Id)
    await idFile?.fill(created.Id)
    return { id: created.Id }
  } catch (error) {
    await idFile?.drop()
    throw error instanceof Exit ? error : new Exit(failed, errorText(error), { cause: error })
  }
}
