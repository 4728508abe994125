const units = ['B', 'kB', 'MB', 'GB', 'TB']

/** Bytes as docker says them, in powers of 1000: `46.3MB`. */
export const sizeText = (bytes: number): string => {
  let [value, unit] = [Math.max(0, bytes), 0]
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${Number(value.toPrecision(value < 1000 ? 3 : 4))} ${units[unit]}`
}
