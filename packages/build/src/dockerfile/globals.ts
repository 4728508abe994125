import { formatPlatform, hostPlatform, type Platform } from '@slipway/core'
import { expandWord } from './expand.ts'
import { parseArguments } from './instructions/arg.ts'
import type { Line } from './parser.ts'
import { atLine, fromLine } from './problem.ts'

const platformArgs = (prefix: 'BUILD' | 'TARGET', platform: Platform): readonly (readonly [string, string])[] => [
  [`${prefix}PLATFORM`, formatPlatform(platform)],
  [`${prefix}OS`, platform.os],
  [`${prefix}OSVERSION`, ''],
  [`${prefix}ARCH`, platform.architecture],
  [`${prefix}VARIANT`, platform.variant ?? ''],
]

export interface GlobalsOptions {
  readonly platform: Platform
  /** Of the stage that is built. */
  readonly stageName?: string | undefined
  readonly buildArgs: Readonly<Record<string, string | null>>
}

/**
 * The arguments that FROM can name: those of the platform, and the ARGs before the first FROM, each of which sees the ones
 * before it. A build argument wins over what the file says.
 */
export const globalArguments = (lines: readonly Line[], options: GlobalsOptions): ReadonlyMap<string, string> => {
  const { buildArgs } = options
  const predefined = [
    ...platformArgs('BUILD', hostPlatform()),
    ...platformArgs('TARGET', options.platform),
    ['TARGETSTAGE', options.stageName ?? 'default'] as const,
  ]
  const values = new Map(predefined.map(([name, value]) => [name, buildArgs[name] ?? value]))
  for (const line of lines) {
    const given = atLine(line, () => parseArguments(line))
    fromLine(line, () => {
      for (const { name, value } of given) {
        const fallback =
          value === undefined ? undefined : expandWord(value, (other) => values.get(other), { escape: line.escapeChar })
        const chosen = buildArgs[name] ?? fallback
        if (chosen !== undefined) values.set(name, chosen)
      }
    })
  }
  return values
}
