/** In this order: most browsers also call themselves by the names of those that were there before. */
const programs: readonly (readonly [RegExp, string])[] = [
  [/\bEdg\//, 'Edge'],
  [/\bFirefox\//, 'Firefox'],
  [/\bHeadlessChrome\/|\bChrome\/|\bChromium\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
]

const systems: readonly (readonly [RegExp, string])[] = [
  [/\bAndroid\b/, 'Android'],
  [/\biPhone\b|\biPad\b/, 'iOS'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bLinux\b/, 'Linux'],
]

const found = (names: typeof programs, agent: string): string | undefined =>
  names.find(([pattern]) => pattern.test(agent))?.[1]

/** `Firefox, Linux`: what a person calls it; of others, how the program calls itself. */
export const browserName = (agent: string): string =>
  [found(programs, agent) ?? agent.split(/[/ ]/, 1)[0], found(systems, agent)].filter(Boolean).join(', ')
