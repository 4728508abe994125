/** Longer texts are not sent as a whole with an error. Bytes. */
const mostWhole = 32 << 10
/** Clients show no more lines than these around those that are meant. */
const around = 8

/**
 * A Dockerfile as it goes out with an error, of which clients show the lines around the mistake. It is a part of the answer's
 * end, which some clients only take up to 144 KiB of (HTTP/2's CONTINUATION frames are limited since 2024): of a long text the
 * lines far away are empty, and those behind are left out, so that the others keep their numbers.
 */
export const excerptSource = (text: string, [first, last]: readonly [number, number]): string => {
  if (text.length <= mostWhole) return text
  return text
    .split('\n', last + around)
    .map((line, index) => (index + 1 < first - around ? '' : line))
    .join('\n')
}
