import { invalid } from '@slipway/core'

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** `10m`, `2h30m` (that long ago), a time in RFC 3339, or Unix seconds. Throws invalid. */
export const parseMoment = (text: string): Date => {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)]
  if (parts.length > 0 && parts.map(([part]) => part).join('') === text) {
    const ago = parts.reduce((sum, [, count, unit = 's']) => sum + Number(count) * (units[unit] ?? 0), 0)
    return new Date(Date.now() - ago)
  }
  const time = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text)
  if (Number.isNaN(time)) throw invalid(`invalid value for "until": ${text.slice(0, 80)}`)
  return new Date(time)
}
