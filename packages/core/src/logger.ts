type Facts = Readonly<Record<string, unknown>>

/**
 * Facts first, constant message: `log.info({ containerId }, 'container started')`. Only the edge logs: daemons' doors and
 * background loops. Never secrets.
 */
export interface Logger {
  debug(facts: Facts, message: string): void
  info(facts: Facts, message: string): void
  warn(facts: Facts, message: string): void
  error(facts: Facts, message: string): void
}

const levels = ['debug', 'info', 'warn', 'error'] as const
type Level = (typeof levels)[number]

/** An error is caused by another, and that by one more; a ring of them comes to its end too. */
const mostCauses = 5

/** Our own words come first, and where they came from; below it what others said. */
const describe = (value: unknown): unknown => {
  if (!(value instanceof Error)) return value
  let text = value.stack ?? value.message
  let { cause } = value
  for (let depth = 0; cause instanceof Error && depth < mostCauses; depth += 1) {
    text += `\ncaused by ${cause.name}: ${cause.message}`
    cause = cause.cause
  }
  return text
}

/** One JSON object a line. */
export const jsonLogger = (write: (line: string) => void, lowest: Level = 'info'): Logger => {
  const at =
    (level: Level) =>
    (facts: Facts, message: string): void => {
      if (levels.indexOf(level) < levels.indexOf(lowest)) return
      const described = Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, describe(value)]))
      write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...described })}\n`)
    }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} }
