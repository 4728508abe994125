import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Session } from '../command.ts'
import { configDirectory } from '../config/docker-config.ts'

/** Where `slipway up` and `slipway registry` serve by themselves. */
const usual = 'localhost:5000'

/** Not docker's own file: docker would drop what it doesn't know. */
const fileOf = ({ env, global }: Session): string => join(configDirectory(env, global.config), 'slipway-hub.json')

/** The hub that is meant where none is named: the environment's, or the last one that was logged in to. */
export const chosenHub = async (session: Session): Promise<string> => {
  const named = session.env['SLIPWAY_HUB']
  if (named) return named
  try {
    const { server } = JSON.parse(await readFile(fileOf(session), 'utf8')) as { readonly server?: unknown }
    return typeof server === 'string' ? server : usual
  } catch {
    return usual
  }
}

export const chooseHub = async (session: Session, server: string): Promise<void> => {
  const path = fileOf(session)
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await writeFile(`${path}.new`, `${JSON.stringify({ server })}\n`, { mode: 0o600 })
  await rename(`${path}.new`, path)
}
