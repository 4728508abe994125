const steps: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
]

interface SinceOptions {
  readonly language: string
  /** Of the first seconds. */
  readonly justNow: string
}

/** How long ago a moment (Unix milliseconds) is, from the one `now`: "3 minutes ago". */
export const sinceText = (moment: number, now: number, { language, justNow }: SinceOptions): string => {
  const seconds = Math.round((now - moment) / 1000)
  if (seconds < 5) return justNow
  const [unit, length] = steps.find(([, length]) => seconds >= length) ?? ['second', 1]
  return new Intl.RelativeTimeFormat(language, { numeric: 'always' }).format(-Math.floor(seconds / length), unit)
}
