import type {
  HubImage,
  RepositoryCard,
  RepositoryEdit,
  RepositoryList,
  RepositoryPage,
  RepositorySearch,
  RolledBack,
  TagHistory,
  TagList,
  TagMoveRow,
  TagRow,
  Trash,
  TrashedRow,
  Undeleted,
  VisibilityChoice,
} from '../wire/hub/index.ts'
import { type HubClient, rowsOf } from './hub-client.ts'

/** Names have slashes, which stay. */
const at = (name: string): string => `/repositories/${name.split('/').map(encodeURIComponent).join('/')}`
const tagAt = (name: string, tag: string): string => `${at(name)}/tags/${encodeURIComponent(tag)}`

/** Those that the caller may read, by name. */
export const listRepositories = (
  hub: HubClient,
  query: Omit<RepositorySearch, 'after'> = {},
): AsyncIterable<RepositoryCard> =>
  rowsOf<RepositoryList, RepositoryCard>(hub, { path: '/repositories', query }, ({ repositories }) => repositories)

export const readRepository = (hub: HubClient, name: string): Promise<RepositoryPage> =>
  hub.json({ path: `${at(name)}/-/summary` })

/** Throws conflict when somebody else has edited it since that edition. */
export const editRepository = (hub: HubClient, name: string, edit: RepositoryEdit): Promise<void> =>
  hub.send({ method: 'PUT', path: `${at(name)}/-/summary`, json: edit })

export const setVisibility = (
  hub: HubClient,
  name: string,
  visibility: VisibilityChoice['visibility'],
): Promise<void> => hub.send({ method: 'PUT', path: `${at(name)}/-/visibility`, json: { visibility } })

/** The official badge. */
export const setOfficial = (hub: HubClient, name: string, official: boolean): Promise<void> =>
  hub.send({ method: 'PUT', path: `${at(name)}/-/official`, json: { official } })

export const star = (hub: HubClient, name: string): Promise<void> =>
  hub.send({ method: 'PUT', path: `${at(name)}/-/star` })

export const unstar = (hub: HubClient, name: string): Promise<void> =>
  hub.send({ method: 'DELETE', path: `${at(name)}/-/star` })

/** All of it, into the trash. */
export const deleteRepository = (hub: HubClient, name: string): Promise<void> =>
  hub.send({ method: 'DELETE', path: at(name) })

/** What can be undeleted, the newest first. */
export const listTrash = async (hub: HubClient, name: string): Promise<readonly TrashedRow[]> =>
  (await hub.json<Trash>({ path: `${at(name)}/trash` })).manifests

/** One manifest, or, without a digest, all that went with the repository; returns the digests of what is back. */
export const undelete = async (hub: HubClient, name: string, digest?: string): Promise<readonly string[]> => {
  const json = digest === undefined ? {} : { digest }
  return (await hub.json<Undeleted>({ method: 'POST', path: `${at(name)}/undelete`, json })).digests
}

/** By name. */
export const listTags = (hub: HubClient, name: string): AsyncIterable<TagRow> =>
  rowsOf<TagList, TagRow>(hub, { path: `${at(name)}/-/tags` }, ({ tags }) => tags)

/** The tag alone; what it named stays until its time has come. */
export const removeTag = (hub: HubClient, name: string, tag: string): Promise<void> =>
  hub.send({ method: 'DELETE', path: `${at(name)}/-/tags/${encodeURIComponent(tag)}` })

/** What the tag has named, the newest first. */
export const readTagHistory = async (hub: HubClient, name: string, tag: string): Promise<readonly TagMoveRow[]> =>
  (await hub.json<TagHistory>({ path: `${tagAt(name, tag)}/history` })).history

/** To what the tag named before, or to a digest; returns what it names now. */
export const rollBackTag = async (hub: HubClient, name: string, tag: string, digest?: string): Promise<string> => {
  const json = digest === undefined ? {} : { digest }
  return (await hub.json<RolledBack>({ method: 'POST', path: `${tagAt(name, tag)}/rollback`, json })).digest
}

export const readImage = (hub: HubClient, name: string, digest: string): Promise<HubImage> =>
  hub.json({ path: `${at(name)}/-/images/${encodeURIComponent(digest)}` })
