/** How slowly a body may come: so many bytes a second, on the average of so long. */
export interface Pace {
  readonly bytesPerSecond: number
  readonly overMs: number
}

/** Apache's smallest rate is 500 bytes a second, nginx and docker-registry have none: this is for who means to be slow. */
export const usualPace: Pace = { bytesPerSecond: 256, overMs: 5 * 60 * 1000 }

/** Measures a client, not us: what passes between `asks()` and `came()` alone counts. */
export const measurePace = ({ bytesPerSecond, overMs }: Pace) => {
  let [bytes, waited, asked] = [0, 0, performance.now()]
  return {
    asks: (): void => {
      asked = performance.now()
    },
    /** Whether that was enough in the time that it took. */
    came: (length: number): boolean => {
      waited += performance.now() - asked
      bytes += length
      if (waited < overMs) return true
      const isEnough = bytes >= (bytesPerSecond * waited) / 1000
      ;[bytes, waited] = [0, 0]
      return isEnough
    },
  }
}
