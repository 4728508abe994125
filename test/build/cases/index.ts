import type { Case } from './case.ts'
import { fileCases } from './files.ts'
import { languageCases } from './language.ts'
import { stageCases } from './stages.ts'

export const cases: readonly Case[] = [...languageCases, ...fileCases, ...stageCases]
