import type { CgroupMode } from '@slipway/linux'
import type { NamespaceChoice, SpecInput } from './input.ts'
import type { OciNamespace } from './oci.ts'

export const ociNamespaces = (
  {
    network = 'private',
    pid = 'private',
    ipc = 'private',
    uts = 'private',
    cgroup,
  }: NonNullable<SpecInput['namespaces']>,
  mode: CgroupMode,
): readonly OciNamespace[] => [
  { type: 'mount' },
  ...chosen('network', network),
  ...chosen('uts', uts),
  ...chosen('pid', pid),
  ...chosen('ipc', ipc),
  ...chosen('cgroup', cgroup ?? (mode === 'v2' ? 'private' : 'host')),
]

const chosen = (type: OciNamespace['type'], choice: NamespaceChoice): readonly OciNamespace[] => {
  if (choice === 'host') return []
  return choice === 'private' ? [{ type }] : [{ type, path: choice.path }]
}
