import { useEffect, useState } from 'react'
import { sinceText } from '../format/since.ts'
import { useLanguage } from '../words/words.tsx'

const minute = 60_000

/** A moment (Unix milliseconds, or RFC 3339) as people say it; it grows older while the page is open. */
export const Since = ({ moment }: { readonly moment: number | string }) => {
  const { language, words } = useLanguage()
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), minute)
    return () => clearInterval(timer)
  }, [])
  const date = new Date(moment)
  if (Number.isNaN(date.getTime()) || date.getTime() <= 0) return <>–</>
  return (
    <time dateTime={date.toISOString()} title={date.toLocaleString(language)}>
      {sinceText(date.getTime(), Math.max(now, Date.now()), { language, justNow: words.since.now })}
    </time>
  )
}
