import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { engineJson } from '../engine/calls.ts'
import { diskUsageQuery } from '../engine/queries.ts'
import { sizeText } from '../format/size.ts'
import { Confirm } from '../parts/confirm.tsx'
import { Meter } from '../parts/meter.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { Problem } from '../parts/problem.tsx'
import type { Words } from '../words/en.ts'
import { useWords } from '../words/words.tsx'
import { type Share, type ShareName, sharesOf } from './disk-shares.ts'

const paths: Readonly<Record<ShareName, string>> = {
  images: '/images/prune',
  containers: '/containers/prune',
  volumes: '/volumes/prune',
  cache: '/build/prune',
}

const aboutPrune = (words: Words['disk']): Readonly<Record<ShareName, string>> => ({
  images: words.pruneImages,
  containers: words.pruneContainers,
  volumes: words.pruneVolumes,
  cache: words.pruneCache,
})

interface ShareSheetProps {
  readonly share: Share
  readonly total: number
  readonly onPrune: () => void
}

const ShareSheet = ({ share: { name, count, size, reclaimable }, total, onPrune }: ShareSheetProps) => {
  const { disk: words } = useWords()
  return (
    <section className="sheet">
      <div className="row">
        <h2>
          {words[name]} <span className="badge">{words.count(count)}</span>
        </h2>
        <span className="space" />
        <strong>{sizeText(size)}</strong>
      </div>
      <Meter part={total === 0 ? 0 : size / total} />
      <div className="row">
        <span className="quiet">{words.reclaimable(sizeText(reclaimable))}</span>
        <span className="space" />
        <button type="button" className="button small" onClick={onPrune}>
          {words.prune}…
        </button>
      </div>
    </section>
  )
}

export const DiskPage = () => {
  const { disk: words, app } = useWords()
  const queries = useQueryClient()
  // Nothing tells that a file grew: it is counted whenever somebody looks.
  const { data, error } = useQuery({ ...diskUsageQuery, staleTime: 0 })
  const [pruning, setPruning] = useState<ShareName>()
  const [freed, setFreed] = useState<number>()
  const shares = data === undefined ? [] : sharesOf(data)
  const total = shares.reduce((sum, { size }) => sum + size, 0)
  const prune = async (): Promise<void> => {
    if (pruning === undefined) return
    const { SpaceReclaimed } = await engineJson<{ readonly SpaceReclaimed: number }>(paths[pruning], { method: 'POST' })
    setFreed(SpaceReclaimed)
    await queries.invalidateQueries()
  }
  return (
    <>
      <PageHead title={words.title} about={`${words.total}: ${sizeText(total)}`} />
      <Problem error={error} />
      {data === undefined && error === null ? <p className="quiet">{app.loading}</p> : null}
      <p role="status">{freed === undefined ? '' : words.freed(sizeText(freed))}</p>
      <div className="sheets">
        {shares.map((share) => (
          <ShareSheet key={share.name} share={share} total={total} onPrune={() => setPruning(share.name)} />
        ))}
      </div>
      <Confirm
        title={words.pruneTitle}
        about={pruning === undefined ? '' : aboutPrune(words)[pruning]}
        action={words.prune}
        isOpen={pruning !== undefined}
        onClose={() => setPruning(undefined)}
        onConfirm={prune}
      />
    </>
  )
}
