/** `slipway up`: engine and registry in one process, and the first voyage. */
export { upMain } from './main.ts'
