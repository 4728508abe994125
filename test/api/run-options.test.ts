import assert from 'node:assert/strict'
import { readdir, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { TestEngine } from '../harness/engine.ts'
import { dockerProgram, slipwayProgram } from '../harness/place.ts'
import { run } from '../harness/run.ts'
import { openScratch } from '../harness/scratch.ts'

/** Options of `docker run`, a command, and what it prints in the container (text, or a pattern). */
const effects: readonly (readonly [options: string, command: string, prints: string | RegExp])[] = [
  ['--user 1000', 'id', 'uid=1000 gid=0(root) groups=0(root)'],
  ['--user nobody', 'id -un', 'nobody'],
  ['--user 1:2 --group-add 7 --group-add root', 'id', 'uid=1(daemon) gid=2(bin) groups=0(root),2(bin),7'],
  ['--workdir /made/now', 'pwd', '/made/now'],
  ['--env A=1', 'echo $A', '1'],
  ['--hostname my.host', 'hostname; grep -c my.host /etc/hosts', 'my.host\n1'],
  ['--domainname b.c', 'cat /proc/sys/kernel/domainname', 'b.c'],
  ['--add-host a:1.2.3.4', 'grep -w a /etc/hosts', '1.2.3.4\ta'],
  [
    '--dns 1.1.1.1 --dns-search ex.com --dns-option ndots:3',
    'cat /etc/resolv.conf',
    /nameserver 1\.1\.1\.1\nsearch ex\.com\noptions ndots:3/,
  ],
  ['--read-only --tmpfs /t', 'touch /t/x && ! touch /x 2>/dev/null && echo ok', 'ok'],
  [
    '--tmpfs /t:size=1m,mode=700,noexec',
    'grep " /t " /proc/mounts',
    /tmpfs \/t tmpfs rw,nosuid,nodev,noexec,relatime,size=1024k,mode=700/,
  ],
  ['--mount type=tmpfs,dst=/t,tmpfs-size=1m', 'df -k /t | tail -1', /^tmpfs +1024 /],
  ['--device /dev/null:/dev/foo:r', 'test -c /dev/foo && echo ok', 'ok'],
  ['--cap-drop ALL', 'grep CapEff /proc/self/status', 'CapEff:\t0000000000000000'],
  ['--cap-drop ALL --cap-add NET_RAW', 'grep CapEff /proc/self/status', 'CapEff:\t0000000000002000'],
  ['--privileged', 'grep -w Seccomp /proc/self/status; ls -d /dev/full', 'Seccomp:\t0\n/dev/full'],
  ['--security-opt no-new-privileges', 'grep NoNewPrivs /proc/self/status', 'NoNewPrivs:\t1'],
  ['--security-opt seccomp=unconfined', 'grep -w Seccomp /proc/self/status', 'Seccomp:\t0'],
  [
    '--security-opt writable-cgroups=true',
    'grep -c "^cgroup.* rw," /proc/mounts; grep "^cgroup.* ro," /proc/mounts || echo none',
    /^[1-9]\d*\nnone$/,
  ],
  ['--security-opt systempaths=unconfined', 'grep -c " /proc/" /proc/mounts || true', '0'],
  ['--ulimit nofile=100:200 --ulimit core=0', 'ulimit -n; ulimit -Hn; ulimit -c', '100\n200\n0'],
  ['--sysctl net.core.somaxconn=77', 'cat /proc/sys/net/core/somaxconn', '77'],
  ['--shm-size 1m', 'df -k /dev/shm | tail -1', /^shm +1024 /],
  ['--cpuset-cpus 0', 'grep Cpus_allowed_list /proc/self/status', 'Cpus_allowed_list:\t0'],
  ['--oom-score-adj 300', 'cat /proc/self/oom_score_adj', '300'],
  ['--ipc none', 'ls -d /dev/shm 2>/dev/null || echo none', 'none'],
  ['--pid host', 'test $(ls -d /proc/[0-9]* | wc -l) -gt 3 && echo many', 'many'],
  ['--network none', 'ls /sys/class/net', 'lo'],
  ['--network host --hostname foo', 'hostname', 'foo'],
  ['--entrypoint /bin/sh', '-c "echo hi"', 'hi'],
  ['-v vol1:/x', 'touch /x/y; ls /x', 'y'],
  ['--mount type=volume,dst=/x,readonly,src=vol1', 'touch /x/z 2>/dev/null || ls /x', 'y'],
  ['-t', 'test -t 0 && test -t 1 && echo tty', /^tty\r?$/],
]

/** What docker refuses, and its words for it. */
const refusals: readonly (readonly [options: string, words: string, code?: number])[] = [
  ['--user nosuch', 'unable to find user nosuch: no matching entries in passwd file'],
  ['--user 1000:nosuch', 'unable to find group nosuch: no matching entries in group file'],
  ['--workdir rel', "the working directory 'rel' is invalid, it needs to be an absolute path"],
  ['--tmpfs /t:bad=1', 'invalid tmpfs option "bad"'],
  ['--tmpfs rel', "invalid mount path: 'rel' mount path must be absolute"],
  [
    '--device /dev/nosuch',
    'error gathering device information while adding custom device "/dev/nosuch": no such file or directory',
    127,
  ],
  ['--cap-add NOSUCH', 'invalid CapAdd: unknown capability: "CAP_NOSUCH"'],
  ['--security-opt bogus=x', 'invalid --security-opt 2: "bogus=x"'],
  ['--memory 1m', 'Minimum memory limit allowed is 6MB'],
  ['--memory 10m --memory-swap 8m', 'Minimum memoryswap limit should be larger than memory limit, see usage'],
  ['--memory-reservation 1m', 'Minimum memory reservation allowed is 6MB'],
  [
    '--cpus 10000',
    `range of CPUs is from 0.01 to ${availableParallelism()}.00, as there are only ${availableParallelism()} CPUs available`,
  ],
  ['--cpus 0.5 --cpu-period 1000', 'Conflicting options: Nano CPUs and CPU Period cannot both be set'],
  ['--cpuset-cpus 9999', 'Requested CPUs are not available - requested 9999, available: '],
  ['--cpuset-cpus x', 'Invalid value x for cpuset cpus: invalid format: x'],
  ['--cpu-period 1', 'CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)'],
  ['--cpu-quota 1', 'CPU cfs quota can not be less than 1ms (i.e. 1000)'],
  ['--oom-score-adj 3000', 'Invalid value 3000, range for oom score adj is [-1000, 1000]'],
  ['--stop-signal BAD', 'invalid signal: BAD'],
  ['--ipc bad', 'invalid IPC mode: bad'],
  ['--ipc container:nosuch', 'No such container: nosuch'],
  ['--uts host --hostname x', 'conflicting options: hostname and the UTS mode'],
  [
    '--restart bad',
    "invalid restart policy: unknown policy 'bad'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'",
  ],
  ['--restart always:3', "invalid restart policy: maximum retry count can only be used with 'on-failure'"],
  ['--health-cmd true --health-interval 1us', 'Interval in Healthcheck cannot be less than 1ms'],
  ['--log-driver nosuch', 'error looking up logging plugin nosuch: plugin "nosuch" not found'],
  ['--log-opt bogus=1', "unknown log opt 'bogus' for json-file log driver"],
  ['--log-opt max-size=x', "failed to initialize logging driver: invalid size: 'x'"],
  ['--log-opt max-file=0', 'failed to initialize logging driver: max-file cannot be less than 1'],
  ['--log-opt mode=bad', 'logger: logging mode not supported: bad'],
  ['--isolation hyperv', "invalid isolation (hyperv): linux only supports 'default'"],
  ['--storage-opt size=1G', "--storage-opt is supported only for overlay over xfs with 'pquota' mount option"],
  ['--gpus all', 'could not select device driver "" with capabilities: [[gpu]]'],
  ['--runtime nosuch', 'unknown or invalid runtime name: nosuch'],
  ['--volumes-from nosuch', 'No such container: nosuch'],
  ['-v /tmp:rel', "invalid volume specification: '/tmp:rel'"],
  ['-v /tmp:/a -v /etc:/a', 'Duplicate mount point: /a'],
  [
    '--mount type=bind,src=/nosuch,dst=/x',
    'invalid mount config for type "bind": bind source path does not exist: /nosuch',
  ],
]

/** Words of a command line; double quotes hold one together. */
const words = (text: string): readonly string[] =>
  [...text.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')

test('every option of docker run has its effect, or its refusal', async (t) => {
  await using scratch = await openScratch()
  await using engine = await TestEngine.start(scratch)
  await engine.addBusybox()
  const docker = engine.client()

  for (const [options, command, prints] of effects) {
    await t.test(`${options}: ${command}`, async () => {
      const isShell = !options.includes('--entrypoint')
      const said = await docker.ok([
        'run',
        '--rm',
        ...words(options),
        'busybox',
        ...(isShell ? ['sh', '-c', command] : words(command)),
      ])
      if (typeof prints === 'string') assert.equal(said, prints)
      else assert.match(said, prints)
    })
  }

  for (const [options, problem, expected = 125] of refusals) {
    await t.test(`${options} is refused`, async () => {
      // The client itself allows no --restart with --rm.
      const verb = options.includes('--restart') ? ['create'] : ['run', '--rm']
      const { code, message } = await docker.fails([...verb, ...words(options), 'busybox', 'true'])
      assert.ok(message.includes(problem), message)
      assert.equal(code, verb[0] === 'create' ? 1 : expected)
    })
  }

  await t.test('--ipc shareable shares /dev/shm with who joins, and private does not', async () => {
    const shm = ['sh', '-c', 'echo shared > /dev/shm/note; df -k /dev/shm | tail -1; exec sleep 1000']
    await docker.ok(['run', '-d', '--name', 'donor', '--ipc', 'shareable', '--shm-size', '2m', 'busybox', ...shm])
    const join = (donor: string) => ['run', '--rm', '--ipc', `container:${donor}`, 'busybox', 'cat', '/dev/shm/note']
    assert.equal(await docker.ok(join('donor')), 'shared')
    await docker.ok(['run', '-d', '--name', 'second', '--ipc', 'container:donor', 'busybox', 'sleep', '1000'])
    assert.equal(await docker.ok(join('second')), 'shared')
    assert.match(await docker.ok(['logs', 'donor']), /^shm +2048 /)
    await docker.ok(['restart', '-t', '0', 'donor'])
    assert.equal(await docker.ok(join('donor')), 'shared')
    const id = await docker.ok(['run', '-d', '--name', 'keeper', 'busybox', 'sleep', '1000'])
    const { code, message } = await docker.fails(join('keeper'))
    const hint = '(hint: use IpcMode:shareable for the donor container)'
    assert.ok(message.includes(`failed to join IPC namespace: container ${id}: non-shareable IPC ${hint}`), message)
    assert.equal(code, 125)
    await docker.ok(['rm', '-f', 'donor', 'second', 'keeper'])
  })

  await t.test('--use-api-socket lends the engine and the logins', async () => {
    const slipway = engine.client('slipway')
    const script = 'test -S /var/run/docker.sock && cat "$DOCKER_CONFIG/config.json" 2>/dev/null || echo none'
    const words = ['run', '--rm', '--use-api-socket', 'busybox', 'sh', '-c', script]
    assert.equal(await slipway.ok(words), 'none')
    await writeFile(join(scratch.path, 'config.json'), '{"auths":{"hub.example":{"auth":"dTpw"}}}')
    const config = { env: { ...process.env, DOCKER_CONFIG: scratch.path } }
    for (const program of [slipwayProgram, dockerProgram]) {
      const { stdout } = await run(program, ['-H', engine.host, ...words], config)
      assert.deepEqual(JSON.parse(stdout), { auths: { 'hub.example': { auth: 'dTpw' } } })
    }
  })

  await t.test('exit codes are those of the command', async () => {
    for (const [command, code] of [
      [['sh', '-c', 'exit 7'], 7],
      [['nosuchcmd'], 127],
      [['/etc'], 126],
      [['sh', '-c', 'sleep 100 & kill -9 $!; wait $!'], 137],
    ] as const) {
      assert.equal((await docker.run(['run', '--rm', 'busybox', ...command])).code, code, command.join(' '))
    }
  })

  await t.test('nothing of what was refused is left', async () => {
    assert.equal(await docker.ok(['ps', '-aq']), '')
    assert.deepEqual(await readdir(`${engine.dataRoot}/containers`), [])
  })
})
