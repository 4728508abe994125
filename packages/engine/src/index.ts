/** The engine: `engineMain` is the program, `startEngine` the same in another program's process. */
export { type EngineConfig, loadConfig } from './config/load.ts'
export { engineMain, type RunningEngine, startEngine } from './main.ts'
