import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bundle } from '@slipway/core'
import type { OciSpec } from './oci.ts'

/** The bundle's `config.json`, which we wrote ourselves. */
export const readSpec = async (bundle: Bundle): Promise<OciSpec> =>
  JSON.parse(await readFile(join(bundle.path, 'config.json'), 'utf8')) as OciSpec
