/** Go's `%.Ng` for the numbers that occur here: N significant digits, no zeros behind. */
const significant = (value: number, digits: number): string => {
  const text = value.toPrecision(digits)
  if (!text.includes('e')) return text.includes('.') ? text.replace(/\.?0+$/, '') : text
  const [mantissa = '', exponent = ''] = text.split('e')
  const plain = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa
  return `${plain}e${exponent.replace(/^([+-])(\d)$/, '$10$2')}`
}

const scale = (size: number, base: number, units: readonly string[], digits: number): string => {
  let value = size
  let unit = 0
  while (value >= base && unit < units.length - 1) {
    value /= base
    unit++
  }
  return significant(value, digits) + units[unit]
}

const decimalUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB']
const binaryUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB', 'ZiB', 'YiB']

/** `1.234MB`: thousands, four digits as for progress, or the three of the tables. */
export const humanSize = (bytes: number, digits = 4): string => scale(bytes, 1000, decimalUnits, digits)

/** `1.5GiB` */
export const binarySize = (bytes: number): string => scale(bytes, 1024, binaryUnits, 4)
