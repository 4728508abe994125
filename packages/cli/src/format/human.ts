export { binarySize, humanSize } from '@slipway/client'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24

/** `About a minute`, `2 hours`: how docker tells a length of time, in milliseconds. */
export const humanDuration = (milliseconds: number): string => {
  const seconds = Math.trunc(milliseconds / second)
  if (seconds < 1) return 'Less than a second'
  if (seconds === 1) return '1 second'
  if (seconds < 60) return `${seconds} seconds`
  const minutes = Math.trunc(milliseconds / minute)
  if (minutes === 1) return 'About a minute'
  if (minutes < 60) return `${minutes} minutes`
  const hours = Math.trunc(milliseconds / hour + 0.5)
  if (hours === 1) return 'About an hour'
  if (hours < 2 * day) return `${hours} hours`
  if (hours < 2 * 7 * day) return `${Math.trunc(hours / day)} days`
  if (hours < 2 * 30 * day) return `${Math.trunc(hours / day / 7)} weeks`
  if (hours < 2 * 365 * day) return `${Math.trunc(hours / day / 30)} months`
  return `${Math.trunc(Math.trunc(milliseconds / hour) / day / 365)} years`
}

export const ago = (since: Date, now = new Date()): string => `${humanDuration(now.getTime() - since.getTime())} ago`

/** The same of a moment as an API tells it; null: it never was. */
export const agoOrNever = (moment: string | null): string => (moment === null ? 'never' : ago(new Date(moment)))

const two = (value: number): string => String(value).padStart(2, '0')

const zoneName = (date: Date): string =>
  new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' })
    .formatToParts(date)
    .find(({ type }) => type === 'timeZoneName')?.value ?? ''

/** `2024-05-01 12:00:00 +0200 CEST`: how Go prints a time. */
export const goTime = (date: Date): string => {
  const offset = -date.getTimezoneOffset()
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.trunc(Math.abs(offset) / 60))}${two(Math.abs(offset) % 60)}`
  return `${day} ${time} ${zone} ${zoneName(date)}`
}

/** At most `length` characters, the last an ellipsis when something was cut. */
export const ellipsis = (text: string, length: number): string => {
  const characters = [...text]
  if (characters.length <= length) return text
  return length <= 1 ? characters.slice(0, length).join('') : `${characters.slice(0, length - 1).join('')}…`
}

const shortLength = 12

/** `sha256:0123456789ab…` as docker shows it. */
export const shortId = (id: string): string => id.replace(/^[a-z0-9]+:/, '').slice(0, shortLength)
