import { invalid } from '@slipway/core'

const units: Readonly<Record<string, number>> = { '': 1, b: 1, kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12, pb: 1e15 }

/** Bytes of `10GB`, `500 MB`, `1.5TB`, `0`: thousands, as sizes are shown. Throws invalid. */
export const parseSize = (text: string): number => {
  const [, number = '', unit = ''] = /^(\d{1,15}(?:\.\d{1,3})?) ?([a-z]{0,2})$/i.exec(text.trim()) ?? []
  const bytes = Math.round(Number(number) * (units[unit.toLowerCase()] ?? Number.NaN))
  if (number !== '' && Number.isSafeInteger(bytes)) return bytes
  throw invalid(`invalid size ${JSON.stringify(text.slice(0, 40))}: write 500MB, 10GB, 1.5TB`)
}

const names = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

/** `9.8 GB`: three digits of the largest unit. */
export const formatSize = (bytes: number): string => {
  const power = Math.min(names.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3))
  return `${Number((bytes / 1000 ** power).toPrecision(3))} ${names[power]}`
}
