import { createContainer, importImage } from '@slipway/client'
import type { Subject } from './engines/subject.ts'
import { tinyFiles } from './images/small.ts'

/** How much there is in an engine that has been used for a while. */
export const images = 200
export const containers = 100

const populated = new WeakSet<Subject>()

/** Gives an engine 200 images and 100 containers that don't run, once. */
export const populate = async (subject: Subject): Promise<void> => {
  if (populated.has(subject)) return
  populated.add(subject)
  for (let number = 0; number < images; number += 1) {
    const files = tinyFiles(`image ${number}\n`)
    const progress = await importImage(subject.client, files, { repository: `tiny${number}`, tag: 'latest' })
    for await (const { error } of progress) if (error) throw new Error(error)
  }
  for (let number = 0; number < containers; number += 1) {
    await createContainer(subject.client, { Image: 'busybox', Cmd: ['true'] }, { name: `idle${number}` })
  }
}
