import assert from 'node:assert/strict'
import { test } from 'node:test'
import { list, text, toggle } from './flag.ts'
import { flagUsages } from './usage.ts'

test('flagUsages() aligns and breaks lines as pflag does', () => {
  const flags = {
    'add-host': list('', 'Add a custom host-to-IP mapping (host:ip)'),
    attach: list('a', 'Attach to STDIN, STDOUT or STDERR'),
    hidden: toggle('', 'Never seen', { hidden: true }),
    rm: toggle('', 'Automatically remove the container and its associated anonymous volumes when it exits'),
    'sig-proxy': toggle('', 'Proxy received signals to the process', { initial: true }),
    'health-start-interval': text('', "First line\n'x': second line", { placeholder: 'duration' }),
  }
  assert.equal(
    flagUsages(flags),
    `      --add-host list                    Add a custom host-to-IP mapping
                                         (host:ip)
  -a, --attach list                      Attach to STDIN, STDOUT or STDERR
      --health-start-interval duration   First line
                                         'x': second line
      --rm                               Automatically remove the
                                         container and its associated
                                         anonymous volumes when it exits
      --sig-proxy                        Proxy received signals to the
                                         process (default true)
`,
  )
})
