export { type Copy, copyImage, openCopy, resolveImage, selectManifest } from './copy.ts'
export { selectPlatform } from './platform.ts'
export { isDescriptor, parseIndex, parseManifest, readSmall } from './read.ts'
export type { BlobInTheMaking } from './stream.ts'
