import { randomInt } from 'node:crypto'

const qualities =
  'able amber bold brave brisk calm candid clear clever cosy crisp deft eager early fair fleet fond frank free fresh gentle glad grand happy hardy keen kind lively loyal lucid mellow merry neat nimble noble placid plucky proud quick quiet ready sharp snug solid spry steady sunny swift tidy trim true vivid warm wise witty'.split(
    ' ',
  )
const ships =
  'barge bark brig canoe caravel clipper coble coracle corvette cutter dhow dinghy dory felucca ferry frigate galleon galley gig gondola hoy jolly junk kayak ketch launch lugger packet pinnace pram proa punt raft schooner scow skiff sloop smack tender trawler trimaran tug wherry whaler xebec yawl'.split(
    ' ',
  )

const oneOf = (words: readonly string[]): string => words[randomInt(words.length)] as string

/** A name for a container that was given none: `brisk_cutter`; with a number once words alone don't help. */
export const randomName = (isTaken: (name: string) => boolean): string => {
  for (let attempt = 0; ; attempt += 1) {
    const name = `${oneOf(qualities)}_${oneOf(ships)}${attempt < 3 ? '' : randomInt(10 ** Math.min(9, attempt))}`
    if (!isTaken(name)) return name
  }
}
