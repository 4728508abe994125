import { readFile, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Exit, fileProblem } from '../exit.ts'
import { isRemote } from './remote.ts'

/** What `--build-context` names: told to the daemon as an option, and perhaps offered in the session. */
export interface NamedContexts {
  readonly options: ReadonlyMap<string, string>
  readonly directories: ReadonlyMap<string, string>
  readonly layouts: ReadonlyMap<string, string>
}

interface LayoutIndex {
  readonly manifests?: readonly { readonly digest: string; readonly annotations?: Readonly<Record<string, string>> }[]
}

const refName = 'org.opencontainers.image.ref.name'

/** `path[:tag][@digest]`: the daemon only knows digests. */
const readLayout = async (name: string, address: string) => {
  const [, path = '', tag = 'latest', digest] = /^(.*?)(?::([\w.-]+))?(?:@(sha256:[0-9a-f]{64}))?$/.exec(address) ?? []
  if (digest !== undefined) return { path, digest }
  const text = await readFile(join(path, 'index.json'), 'utf8').catch((error: unknown) => {
    throw new Exit(1, `ERROR: failed to build: could not find ${name}: ${fileProblem(error, join(path, 'index.json'))}`)
  })
  const { manifests = [] } = JSON.parse(text) as LayoutIndex
  const named = manifests.find(({ annotations }) => annotations?.[refName] === tag)
  const found = named ?? (manifests.length === 1 ? manifests[0] : undefined)
  if (found === undefined)
    throw new Exit(1, `ERROR: failed to build: invalid build context ${name}: no tag ${tag} in ${path}`)
  return { path, digest: found.digest }
}

const readDirectory = async (name: string, path: string): Promise<string> => {
  const found = await stat(path).catch((error: unknown) => {
    const why = fileProblem(error, path).replace(/^open /, 'stat ')
    throw new Exit(1, `ERROR: failed to build: failed to get build context ${name}: ${why}`)
  })
  if (!found.isDirectory()) {
    throw new Exit(1, `ERROR: failed to build: failed to get build context path {${name} ${path}}: not a directory`)
  }
  return await realpath(path)
}

/** Reads `--build-context NAME=ADDRESS`. Throws Exit. */
export const readNamedContexts = async (texts: readonly string[]): Promise<NamedContexts> => {
  const options = new Map<string, string>()
  const directories = new Map<string, string>()
  const layouts = new Map<string, string>()
  for (const text of texts) {
    const [, name = '', address = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? []
    if (name === '') throw new Exit(1, `ERROR: invalid context value: ${text}, expected key=value`)
    const option = `context:${name.toLowerCase()}`
    if (address.startsWith('oci-layout://')) {
      const { path, digest } = await readLayout(name, address.slice('oci-layout://'.length))
      const store = `layout-${layouts.size}`
      layouts.set(`oci:${store}`, path)
      options.set(option, `oci-layout://${store}@${digest}`)
    } else if (address.startsWith('docker-image://') || isRemote(address)) options.set(option, address)
    else {
      // As progress calls it; these two are the names of the build's own.
      const directory = name === 'context' || name === 'dockerfile' ? `_${name}` : name
      directories.set(directory, await readDirectory(name, address))
      options.set(option, `local:${directory}`)
    }
  }
  return { options, directories, layouts }
}
