import type { DoomedTag } from '@slipway/client'
import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { Dialog } from '../../parts/dialog.tsx'
import { More } from '../../parts/more.tsx'
import { Problem } from '../../parts/problem.tsx'
import { Since } from '../../parts/since.tsx'
import { Table } from '../../parts/table.tsx'
import { useWords } from '../../words/words.tsx'
import { type NewRule, planOf, projectVerbs } from './queries.ts'

const Reasons = ({ reasons }: Pick<DoomedTag, 'reasons'>) => {
  const { project: words } = useWords()
  return reasons.map(({ tags, rank, keepLatest, days, keepDays }) => (
    <div key={tags}>
      {keepLatest === null ? null : words.reasonRank(tags, rank, keepLatest)}
      {keepLatest === null || keepDays === null ? null : '; '}
      {keepDays === null ? null : words.reasonDays(days, keepDays)}
    </div>
  ))
}

interface RetentionPlanProps {
  readonly project: string
  /** One that isn't made yet: then nothing can be run. */
  readonly rule: NewRule | undefined
  readonly onClose: () => void
}

/** What retention would take away, and why, before it does. */
export const RetentionPlan = ({ project, rule, onClose }: RetentionPlanProps) => {
  const { hub, project: words } = useWords()
  const { data, error, hasNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: ['project', project, 'plan', rule],
    queryFn: ({ pageParam }) => planOf(project, rule, pageParam),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next ?? undefined,
  })
  const run = useMutation({ mutationFn: () => projectVerbs.retain(project) })
  const doomed = data?.pages.flatMap(({ tags }) => tags) ?? []
  return (
    <Dialog title={words.previewTitle} isOpen onClose={onClose}>
      <p className="quiet">{run.data === undefined ? words.previewAbout : words.ranDone(run.data.tags)}</p>
      <Problem error={error ?? run.error} />
      {data !== undefined && doomed.length === 0 ? <p>{words.previewNone}</p> : null}
      {doomed.length === 0 ? null : (
        <Table columns={[{ name: hub.tag }, { name: hub.pushed }, { name: words.why }]}>
          {doomed.map(({ repository, tag, movedAt, reasons }) => (
            <tr key={`${repository}:${tag}`}>
              <td className="mono">
                {repository}:{tag}
              </td>
              <td className="quiet">
                <Since moment={movedAt} />
              </td>
              <td>
                <Reasons reasons={reasons} />
              </td>
            </tr>
          ))}
        </Table>
      )}
      <div className="row">
        {hasNextPage ? <More onMore={fetchNextPage} /> : null}
        <span className="space" />
        {rule === undefined && doomed.length > 0 ? (
          <button type="button" className="button danger" disabled={run.isPending} onClick={() => run.mutate()}>
            {words.runNow}
          </button>
        ) : null}
      </div>
    </Dialog>
  )
}
