const units: Readonly<Record<string, number>> = { '': 1, b: 1, kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12, pb: 1e15 }

/** Bytes of `10GB`, `1.5 TB`; undefined for what is no size. */
export const parseSize = (text: string): number | undefined => {
  const [, number, unit = ''] = /^(\d{1,15}(?:\.\d{1,3})?) ?([a-z]{0,2})$/i.exec(text.trim()) ?? []
  const bytes = Math.round(Number(number) * (units[unit.toLowerCase()] ?? Number.NaN))
  return Number.isSafeInteger(bytes) ? bytes : undefined
}
