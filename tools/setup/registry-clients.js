/**
 * Who else speaks to registries. crane doesn't know its version.
 * @type {readonly import('./sid-programs.js').SidProgram[]}
 */
export const registryClients = [
  { package: 'oras', file: 'usr/bin/oras', as: 'oras', asks: ['version'], oldest: [1, 3] },
  { package: 'crane', file: 'usr/bin/crane', as: 'crane', asks: ['version'], oldest: [0, 0] },
  { package: 'cosign', file: 'usr/bin/cosign', as: 'cosign', asks: ['version'], oldest: [0, 0] },
  { package: 'containerd', file: 'usr/bin/containerd', as: 'containerd', asks: ['--version'], oldest: [2, 0] },
  { package: 'containerd', file: 'usr/bin/ctr', as: 'ctr', asks: ['--version'], oldest: [2, 0] },
]
