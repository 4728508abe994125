/** @type {readonly import('./sid-programs.js').SidProgram[]} */
export const dockerClients = [
  { package: 'docker-cli', file: 'usr/bin/docker', as: 'docker', asks: ['--version'], oldest: [28, 2] },
  {
    package: 'docker-buildx',
    file: 'usr/libexec/docker/cli-plugins/docker-buildx',
    as: 'cli-plugins/docker-buildx',
    asks: ['version'],
    plugin: true,
    oldest: [0, 13],
  },
  {
    package: 'docker-compose',
    file: 'usr/libexec/docker/cli-plugins/docker-compose',
    as: 'cli-plugins/docker-compose',
    asks: ['version'],
    plugin: true,
    oldest: [2, 26],
  },
]
