import type { Case } from './case.ts'
import { fileCorners } from './corners-files.ts'
import { languageCorners } from './corners-language.ts'
import { fileCases } from './files.ts'
import { languageCases } from './language.ts'
import { stageCases } from './stages.ts'

export const cases: readonly Case[] = [
  ...languageCases,
  ...languageCorners,
  ...fileCases,
  ...fileCorners,
  ...stageCases,
]
