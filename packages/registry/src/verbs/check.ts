import { invalid, SlipwayError } from '@slipway/core'
import type { Deed } from '../audit/note.ts'
import { type CheckOptions, checkRegistry, type Finding } from '../check/check.ts'
import { parseDuration } from '../duration.ts'
import type { Administration, Verb } from './verb.ts'

const percent = (text: string): number => {
  const number = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN
  if (!(number <= 100)) throw invalid(`invalid sample ${JSON.stringify(text)}: use a number of percent, 0 to 100`)
  return number / 100
}

/** `--repair --sample PERCENT --orphan-age DURATION`. Throws invalid. */
export const readCheckFlags = (values: Readonly<Record<string, unknown>>): CheckOptions => ({
  repair: values['repair'] === true,
  sample: percent(String(values['sample'] ?? 100)),
  orphanAgeMs: parseDuration(String(values['orphan-age'] ?? '7d')),
})

const describe = ({ problem, what, repository, repaired }: Finding): string =>
  [problem, what, repository && `in ${repository}`, repaired && '(repaired)'].filter(Boolean).join(' ')

const deedOf = ({ problem, what, repository }: Finding): Deed => ({
  action: 'check.repair',
  subject: what,
  detail: problem,
  ...(repository === undefined ? {} : { repository }),
})

const check = async ({ database, storage, check: flags, print, note }: Administration): Promise<void> => {
  let [found, left] = [0, 0]
  for await (const finding of checkRegistry({ database, storage }, flags)) {
    print(describe(finding))
    found += 1
    if (finding.repaired) await note(deedOf(finding))
    else left += 1
  }
  if (left > 0) throw new SlipwayError('conflict', `${left} of ${found} problems are left`)
  print(found === 0 ? 'Everything is as it should be.' : `${found} problems were repaired.`)
}

export const checkVerbs: readonly Verb[] = [
  {
    words: ['check'],
    arguments: '[--repair] [--sample=100] [--orphan-age=7d]',
    about: 'compare metadata, storage and manifests; hash so many percent of the blobs',
    run: check,
  },
]
