import { sizeText } from '../../format/size.ts'
import { Meter } from '../../parts/meter.tsx'
import { useWords } from '../../words/words.tsx'

interface UseBarProps {
  /** Bytes; null: not for who asks. */
  readonly used: number | null
  readonly quota: number | null
}

/** How much of its quota a project has used. */
export const UseBar = ({ used, quota }: UseBarProps) => {
  const { project: words } = useWords()
  if (used === null) return null
  if (quota === null) return <span title={words.usedAbout}>{words.usedOnly(sizeText(used))}</span>
  return (
    <span className={used > 0.9 * quota ? 'use full' : 'use'} title={words.usedAbout}>
      <Meter part={used / quota} />
      <span>{words.usedOf(sizeText(used), sizeText(quota))}</span>
    </span>
  )
}
