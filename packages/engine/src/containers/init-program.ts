import { findBinary } from '@slipway/linux'

/** Names under which a static tini is found: docker's own package, Debian's, and what people build. */
export const initNames = ['docker-init', 'tini-static', 'tini']

/** The program that `--init` makes a container's first process; undefined: there is none in PATH. */
export const findInit = (): string | undefined =>
  initNames.map((name) => findBinary(name)).find((found) => found !== undefined)
