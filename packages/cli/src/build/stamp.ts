interface Stamp {
  readonly seconds: number
  readonly nanos: number
}

const parts = ({ seconds, nanos }: Stamp): readonly [date: string, time: string, fraction: string] => {
  const [date = '', time = ''] = new Date(seconds * 1000).toISOString().slice(0, 19).split('T')
  const fraction = String(nanos).padStart(9, '0').replace(/0+$/, '')
  return [date, time, fraction === '' ? '' : `.${fraction}`]
}

/** `2026-11-30 10:17:23.52 +0000 UTC`: as Go prints a time. */
export const goStamp = (at: Stamp | undefined): string => {
  if (at === undefined) return ''
  const [date, time, fraction] = parts(at)
  return `${date} ${time}${fraction} +0000 UTC`
}

/** RFC 3339, with as many digits of the second as there are. */
export const rfcStamp = (at: Stamp | undefined): string | undefined => {
  if (at === undefined) return undefined
  const [date, time, fraction] = parts(at)
  return `${date}T${time}${fraction}Z`
}
