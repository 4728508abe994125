const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

/** `240B`, `1.05MB`: as the progress of a build tells it. */
export const showBytes = (bytes: number): string => {
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${unit === 0 ? value : value.toFixed(2)}${units[unit]}`
}

/** How far a part of a step is; empty where it tells nothing. */
export const showAmount = ({ current, total }: { readonly current: number; readonly total: number }): string => {
  if (total !== 0) return ` ${showBytes(current)} / ${showBytes(total)}`
  return current === 0 ? '' : ` ${showBytes(current)}`
}
