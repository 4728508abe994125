/**
 * The S3 servers that tests start themselves: moto (230 MB), which knows all that we ask for but checks no signature, and
 * Ceph's (350 MB), which checks each.
 * @type {readonly import('./debian-root.js').DebianRoot[]}
 */
export const s3Servers = [
  { name: 'moto', packages: ['python3-moto', 'python3-flask', 'python3-flask-cors'], program: 'usr/bin/moto_server' },
  { name: 'radosgw', packages: ['radosgw'], program: 'usr/bin/radosgw' },
]
