export { type CliSurroundings, cliMain } from './main.ts'
