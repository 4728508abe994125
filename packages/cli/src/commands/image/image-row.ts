import { type ImageSummary, splitTag } from '@slipway/client'
import { ago, goTime, humanSize, shortId } from '../../format/human.ts'
import type { Row, RowLayout } from '../../format/rows.ts'

const nothing = '<none>'

export const imageLayout = ({ digests }: { readonly digests: boolean }): RowLayout => ({
  table: `{{.Repository}}\t{{.Tag}}${digests ? '\t{{.Digest}}' : ''}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}`,
  quiet: '{{.ID}}',
  type: '*formatter.imageContext',
  headings: {
    ID: 'IMAGE ID',
    Repository: 'REPOSITORY',
    Tag: 'TAG',
    Digest: 'DIGEST',
    CreatedSince: 'CREATED',
    CreatedAt: 'CREATED AT',
    Size: 'SIZE',
    Containers: 'CONTAINERS',
    VirtualSize: 'VIRTUAL SIZE',
    SharedSize: 'SHARED SIZE',
    UniqueSize: 'UNIQUE SIZE',
  },
})

interface Name {
  readonly repository: string
  readonly tag: string
  readonly digest: string
}

const names = ({ RepoTags, RepoDigests }: ImageSummary, digests: boolean): readonly Name[] => {
  const known = (RepoDigests ?? []).filter((name) => !name.startsWith(nothing)).map(splitTag)
  const tagged = (RepoTags ?? []).filter((name) => !name.startsWith(nothing)).map(splitTag)
  const digestsOf = (repository: string): readonly string[] => {
    const own = known.filter((name) => name.repository === repository).map(({ tag = nothing }) => tag)
    return digests && own.length > 0 ? own : [nothing]
  }
  if (tagged.length > 0) {
    return tagged.flatMap(({ repository, tag = nothing }) =>
      digestsOf(repository).map((digest) => ({ repository, tag, digest })),
    )
  }
  if (known.length === 0) return [{ repository: nothing, tag: nothing, digest: nothing }]
  const repositories = [...new Set(known.map(({ repository }) => repository))]
  return repositories.flatMap((repository) =>
    digestsOf(repository).map((digest) => ({ repository, tag: nothing, digest })),
  )
}

const count = (value: number): string => (value === -1 ? 'N/A' : String(value))
const bytes = (value: number): string => (value === -1 ? 'N/A' : humanSize(value))

/** An image as `images` shows it: a row for each of its names. */
export const imageRows = (
  image: ImageSummary,
  { full, digests }: { readonly full: boolean; readonly digests: boolean },
): readonly Row[] => {
  const created = new Date(image.Created * 1000)
  const unique = image.SharedSize === -1 ? -1 : image.Size - image.SharedSize
  return names(image, digests).map(({ repository, tag, digest }) => ({
    ID: full ? image.Id : shortId(image.Id),
    Repository: repository,
    Tag: tag,
    Digest: digest,
    CreatedSince: ago(created),
    // The name of the time zone is 10 ms of work that few ask for.
    get CreatedAt() {
      return goTime(created)
    },
    Size: humanSize(image.Size, 3),
    Containers: count(image.Containers),
    VirtualSize: humanSize(image.Size),
    SharedSize: bytes(image.SharedSize),
    UniqueSize: bytes(unique),
  }))
}
