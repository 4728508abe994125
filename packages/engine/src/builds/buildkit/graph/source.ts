import { changeFiles, checkout, download, imageSource, parseGitUrl, remoteSource, scratch } from '@slipway/build'
import type { llb } from '@slipway/buildkit'
import { invalid, isDigest, SlipwayError } from '@slipway/core'
import { sessionFiles } from '../context.ts'
import { fetchLayout } from '../layout-context.ts'
import { sessionLogins } from '../logins.ts'
import { copyAll, type GraphParts, layers, type Operation, type Outputs, type Value } from './value.ts'

type Attributes = ReadonlyMap<string, string>

interface SourceText {
  /** What follows the scheme. */
  readonly address: string
  readonly identifier: string
  readonly attributes: Attributes
}

const listOf = (attributes: Attributes, name: string): readonly string[] | undefined => {
  const text = attributes.get(name)
  if (text === undefined) return undefined
  const value: unknown = JSON.parse(text)
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) throw invalid(`invalid ${name}`)
  return value
}

const image = async ({ address, attributes }: SourceText, parts: GraphParts): Promise<Value> => {
  const { worker, session, platform, lease, signal } = parts
  const { config } = await worker.images.resolve(address, {
    pull: ['pull', 'forcepull'].includes(attributes.get('image.resolvemode') ?? ''),
    platform,
    logins: sessionLogins(session),
    lease,
    signal,
  })
  return layers(imageSource(address, config.rootfs.diff_ids))
}

const local = ({ address, attributes }: SourceText, parts: GraphParts): Value => {
  const { session, contexts, job, remotes } = parts
  const include = listOf(attributes, 'local.includepattern')
  const files = sessionFiles({
    session,
    directory: address,
    contexts,
    progress: job.progress,
    label: `local ${address}`,
    ...(include === undefined ? {} : { include }),
  })
  const remote = remoteSource(files, listOf(attributes, 'local.excludepatterns') ?? [])
  const followed = listOf(attributes, 'local.followpaths')
  if (followed !== undefined) remote.want(followed)
  else remotes.push(remote)
  return { edge: remote.edge, isFiles: true }
}

const git = ({ address, attributes }: SourceText): Value => {
  const [remote = '', fragment] = address.split('#', 2)
  const url = attributes.get('git.fullurl') || `https://${remote}`
  const read = parseGitUrl(fragment === undefined ? url : `${url}#${fragment}`)
  const keepGitDir = attributes.get('git.keepgitdir') === 'true'
  return { edge: checkout(read, { checksum: attributes.get('git.checksum'), keepGitDir }), isFiles: true }
}

const http = ({ identifier, attributes }: SourceText): Value => {
  const { edge } = download(identifier, attributes.get('http.checksum'), attributes.get('http.filename'))
  const perm = attributes.get('http.perm')
  const mode = perm === undefined ? '0600' : Number(perm).toString(8).padStart(4, '0')
  const [uid = '0', gid = '0'] = [attributes.get('http.uid'), attributes.get('http.gid')]
  return layers(changeFiles(scratch, [{ ...copyAll, mode, owner: `${uid}:${gid}` }], edge))
}

/** `oci-layout://name@digest`: the name says nothing, for the client tells which of its stores has it. */
const layout = async ({ address, identifier, attributes }: SourceText, parts: GraphParts): Promise<Value> => {
  const digest = address.slice(address.lastIndexOf('@') + 1)
  if (!isDigest(digest)) throw invalid(`${identifier.slice(0, 300)} has no digest`)
  const store = attributes.get('oci.store') ?? ''
  const config = await fetchLayout({ store, digest, label: identifier }, parts)
  return layers(imageSource(address, config.rootfs.diff_ids))
}

const result = async ({ address }: SourceText, { links }: GraphParts): Promise<Value> => {
  const built = await links.find(address)?.evaluate()
  if (built === undefined) throw invalid('the result of another build is gone')
  return layers(imageSource(address, built.config.rootfs.diff_ids))
}

/** By the scheme of the identifier. */
const readers: Readonly<Record<string, (source: SourceText, parts: GraphParts) => Value | Promise<Value>>> = {
  'docker-image': image,
  local,
  git,
  http,
  https: http,
  'oci-layout': layout,
  'slipway-result': result,
}

export const sourceOutputs = async ({ parts }: Operation, source: llb.SourceOp): Promise<Outputs> => {
  const { identifier, attrs } = source
  const [, scheme = '', address = ''] = /^([a-z-]+):\/\/(.*)$/s.exec(identifier) ?? []
  const read = Object.hasOwn(readers, scheme) ? readers[scheme] : undefined
  if (read === undefined) {
    throw new SlipwayError('unsupported', `the source ${JSON.stringify(identifier.slice(0, 200))} is not supported`)
  }
  return [await read({ address, identifier, attributes: attrs }, parts)]
}
