import { packTree } from '../archive/pack-tree.ts'
import { unpackTree } from '../archive/unpack-tree.ts'
import { compressBlob } from '../compress/write-compressed.ts'
import { appendBlob, hashBlob } from '../content/append.ts'
import { settleImage, writeImage } from '../erofs/write-image.ts'
import { listChanges } from '../layer/changes.ts'
import { compareTars } from '../layer/compare-tars.ts'
import { copyTree } from '../layer/copy-tree.ts'
import { diffLayer, packLayer } from '../layer/diff.ts'
import { settleImplied } from '../layer/implied.ts'
import { listLayerFiles } from '../layer/list.ts'
import { measureTree } from '../layer/measure.ts'
import { removeTrees } from '../layer/remove-tree.ts'
import { hashLayer, unpackLayer } from '../layer/unpack.ts'

/** All that worker threads can be asked to do. */
export const jobs = {
  appendBlob,
  hashBlob,
  compressBlob,
  unpackLayer,
  hashLayer,
  settleImplied,
  writeImage,
  settleImage,
  diffLayer,
  packLayer,
  compareTars,
  listChanges,
  removeTrees,
  listLayerFiles,
  measureTree,
  copyTree,
  packTree,
  unpackTree,
} as const
