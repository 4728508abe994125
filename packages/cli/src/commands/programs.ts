/**
 * Other programs in the same checkout, with what they are for. They read their own flags: `bin/slipway.ts` hands them the line.
 */
export const programs: Readonly<Record<string, string>> = {
  engine: 'Run the container engine',
  registry: 'Run and administer a registry',
  up: 'Run the engine and a registry, and the dashboard',
  dashboard: "Serve an engine's web page",
}
