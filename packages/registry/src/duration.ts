import { invalid } from '@slipway/core'

const units: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60 * 1000,
  h: 60 * 60 * 1000,
  d: 24 * 60 * 60 * 1000,
}

/** Milliseconds of `90s`, `1h30m`, `7d`, `0`. Throws invalid. */
export const parseDuration = (text: string): number => {
  if (text === '0') return 0
  if (!/^(?:\d{1,9}(?:ms|s|m|h|d))+$/.test(text)) {
    throw invalid(`invalid duration ${JSON.stringify(text.slice(0, 40))}: write 90s, 12h, 7d`)
  }
  let sum = 0
  for (const [, count, unit = ''] of text.matchAll(/(\d+)([a-z]+)/g)) sum += Number(count) * (units[unit] ?? 0)
  return sum
}

/** `3d 4h`, `12m 5s`: the two largest units. */
export const formatDuration = (milliseconds: number): string => {
  let rest = Math.max(0, Math.round(milliseconds / 1000)) * 1000
  const parts: string[] = []
  for (const unit of ['d', 'h', 'm', 's']) {
    const count = Math.floor(rest / (units[unit] ?? 1))
    if (count > 0 && parts.length < 2) parts.push(`${count}${unit}`)
    rest -= count * (units[unit] ?? 1)
  }
  return parts.join(' ') || '0s'
}
