/** Times are nanoseconds; 0: inherited from the image, or the default. */
export interface HealthConfig {
  /** `[]` inherit, `['NONE']`, `['CMD', …]` or `['CMD-SHELL', command]`. */
  readonly Test?: readonly string[]
  readonly Interval?: number
  readonly Timeout?: number
  readonly Retries?: number
  readonly StartPeriod?: number
  readonly StartInterval?: number
}

export interface HealthcheckResult {
  readonly Start: string
  readonly End: string
  readonly ExitCode: number
  readonly Output: string
}

export interface Health {
  readonly Status: 'none' | 'starting' | 'healthy' | 'unhealthy'
  readonly FailingStreak: number
  readonly Log: readonly HealthcheckResult[]
}
