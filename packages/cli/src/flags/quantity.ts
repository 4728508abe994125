import { type Flag, type Looks, makeFlag } from './flag.ts'

const binary: Readonly<Record<string, number>> = { '': 0, b: 0, k: 1, m: 2, g: 3, t: 4, p: 5 }

/** `512m`, `1.5g`, `64KiB`: bytes. */
export const parseSize = (text: string): number => {
  const match = /^(\d+(?:\.\d+)?) ?([a-zA-Z]*)$/.exec(text)
  if (match === null) throw new Error(`invalid size: '${text}'`)
  const [, amount = '', suffix = ''] = match
  const power = binary[suffix.toLowerCase().replace(/(?<=.)i?b$/, '')]
  if (power === undefined) throw new Error(`invalid suffix: '${suffix}'`)
  return Math.trunc(Number(amount) * 1024 ** power)
}

export const size = (short: string, help: string, looks: Looks = {}): Flag<number | undefined> =>
  makeFlag<number | undefined>(short, help, undefined, parseSize, { placeholder: 'bytes', ...looks })

/** As `size`, and -1. */
export const sizeOrUnlimited = (short: string, help: string, looks: Looks = {}): Flag<number | undefined> =>
  makeFlag<number | undefined>(short, help, undefined, (text) => (text === '-1' ? -1 : parseSize(text)), {
    placeholder: 'bytes',
    ...looks,
  })

const nanoseconds: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
}

/** Go's durations, `1h30m` or `1.5s`, as nanoseconds. */
export const parseDuration = (text: string): number => {
  if (text === '0') return 0
  const match = /^([+-]?)((?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h))+$/.exec(text)
  if (match === null) throw new Error(`time: invalid duration ${JSON.stringify(text)}`)
  const parts = text.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/g)
  const total = [...parts].reduce((sum, [, amount, unit]) => sum + Number(amount) * (nanoseconds[unit ?? ''] ?? 0), 0)
  return match[1] === '-' ? -total : total
}

export const duration = (help: string): Flag<number | undefined> =>
  makeFlag<number | undefined>('', help, undefined, parseDuration, { placeholder: 'duration', shownDefault: '0s' })

/** `1.5` CPUs as 1.5 × 10⁹. */
const parseCpus = (text: string): number => {
  if (!/^\d+(\.\d+)?$|^\.\d+$/.test(text)) throw new Error(`failed to parse ${text} as a rational number`)
  const nano = Number(text) * 1e9
  if (!Number.isInteger(Math.round(nano * 1e3) / 1e3)) throw new Error('value is too precise')
  return Math.round(nano)
}

export const cpus = (help: string): Flag<number | undefined> =>
  makeFlag<number | undefined>('', help, undefined, parseCpus, { placeholder: 'decimal' })
