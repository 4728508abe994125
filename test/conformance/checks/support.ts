import { section } from '../check.ts'

export const support = section('Determining support', {
  must: {
    'GET /v2/ is 200': async (registry) => {
      ;(await registry.call('GET', '/v2/')).expect(200)
    },
  },
  docker: {
    'Docker-Distribution-API-Version says registry/2.0': async (registry) => {
      const { headers } = await registry.call('GET', '/v2/')
      if (headers['docker-distribution-api-version'] !== 'registry/2.0') throw new Error('the header is not there')
    },
    'GET /v2 finds its way to /v2/': async (registry) => {
      ;(await registry.call('GET', '/v2')).expect(200, 301, 302, 307, 308)
    },
    'HEAD /v2/ is 200 without a body': async (registry) => {
      const answer = (await registry.call('HEAD', '/v2/')).expect(200)
      if (answer.body.length > 0) throw new Error('there is a body')
    },
  },
})
