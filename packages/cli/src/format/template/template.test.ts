import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileTemplate } from './template.ts'

const data = {
  Id: 'abcdef0123456789',
  Name: '/web',
  State: { Status: 'running', Running: true, Pid: 12, ExitCode: 0 },
  Config: { Env: ['A=1', 'B=2'], Labels: { 'com.x': 'y', b: 'c' }, Cmd: null, Volumes: null },
  HostConfig: { Binds: null, Memory: 536870912, RestartPolicy: { Name: 'no', MaximumRetryCount: 0 } },
  NetworkSettings: {
    IPAddress: '172.17.0.2',
    Ports: { '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '32781' }], '443/tcp': null },
    Networks: { bridge: { IPAddress: '172.17.0.2' } },
  },
  Label: (name: unknown) => `<${name}>`,
}

/** Each was printed by docker 28 as well. */
const rows: readonly (readonly [template: string, output: string])[] = [
  ['plain', 'plain'],
  ['{{.Name}}', '/web'],
  ['{{ .State.Pid }}', '12'],
  ['{{.State.Running}} {{.HostConfig.Memory}}', 'true 536870912'],
  ['{{.Config.Env}}', '[A=1 B=2]'],
  ['{{.Config.Labels}}', 'map[b:c com.x:y]'],
  ['{{.HostConfig.Binds}} {{.Config.Volumes}} {{.Config.Healthcheck}}', '[] map[] <nil>'],
  ['{{.HostConfig.RestartPolicy}}', '{no 0}'],
  ['{{.NetworkSettings.Ports}}', 'map[443/tcp:[] 80/tcp:[{0.0.0.0 32781}]]'],
  ['{{json .Config.Labels}}', '{"b":"c","com.x":"y"}'],
  ['{{json .HostConfig.Binds}}', 'null'],
  ['{{.State | json}}', '{"Status":"running","Running":true,"Pid":12,"ExitCode":0}'],
  ['{{index .Config.Labels "com.x"}}', 'y'],
  ['{{index .Config.Labels "none"}}', ''],
  ['{{index .Config.Env 1}}', 'B=2'],
  ['{{(index (index .NetworkSettings.Ports "80/tcp") 0).HostPort}}', '32781'],
  ['{{range .Config.Env}}<{{.}}>{{end}}', '<A=1><B=2>'],
  ['{{range $i, $e := .Config.Env}}{{if $i}},{{end}}{{$e}}{{end}}', 'A=1,B=2'],
  ['{{range $k, $v := .NetworkSettings.Ports}}{{$k}}={{len $v}};{{end}}', '443/tcp=0;80/tcp=1;'],
  ['{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}', '172.17.0.2'],
  ['{{range .Config.Cmd}}x{{else}}none{{end}}', 'none'],
  ['{{range .Config.Env}}{{println .}}{{end}}', 'A=1\nB=2\n'],
  ['{{range .Config.Env}}{{.}}{{break}}{{end}}', 'A=1'],
  ['{{range .Config.Env}}{{if eq . "A=1"}}{{continue}}{{end}}{{.}}{{end}}', 'B=2'],
  ['{{if .State.Running}}yes{{else}}no{{end}}', 'yes'],
  ['{{if .State.ExitCode}}a{{else if .State.Pid}}b{{else}}c{{end}}', 'b'],
  ['{{if and .State.Running (eq .State.Status "running")}}up{{end}}', 'up'],
  ['{{if or .State.ExitCode .State.Pid}}x{{end}}', 'x'],
  ['{{with .State}}{{.Status}}{{end}}', 'running'],
  ['{{with .Config.Cmd}}{{.}}{{else}}empty{{end}}', 'empty'],
  ['{{with $x := .Name}}{{$x}}{{$.Id}}{{end}}', '/webabcdef0123456789'],
  ['{{$x := .Name}}{{$x = "y"}}{{$x}}', 'y'],
  ['{{$s := .State}}{{$s.Pid}}', '12'],
  ['{{eq .State.Status "x" "running"}} {{ne 1 2}} {{lt 1 2}} {{ge 1 2}} {{not true}}', 'true true true false false'],
  ['{{len .Config.Env}} {{len .Name}}', '2 4'],
  ['{{slice .Id 0 5}} {{truncate .Id 3}}', 'abcde abc'],
  ['{{join .Config.Env ","}} {{split .Name "/"}}', 'A=1,B=2 [ web]'],
  ['{{upper .Name}} {{.Name | lower | title}} {{pad "x" 1 2}}|', '/WEB /web  x  |'],
  ['{{printf "%q %d %5s|%-5s|%v %05d %.2f %%" .Name 5 "a" "b" true 42 1.5}}', '"/web" 5     a|b    |true 00042 1.50 %'],
  ['{{print 1 2 "a" "b"}}', '1 2ab'],
  ['a {{- .Name -}} b', 'a/webb'],
  ['{{/* comment */}}x{{- /* other */ -}} y', 'xy'],
  ['{{"quoted \\"x\\" }}"}} {{`raw {{}}`}}', 'quoted "x" }} raw {{}}'],
  ['{{.Label "a b"}}', '<a b>'],
  ['{{nil | json}}', 'null'],
  [
    '{{js "<a href=\\"x\\">\\u0001 é\\n\\\\ =&\'"}}',
    `\\u003Ca href\\u003D\\"x\\"\\u003E\\u0001 é\\u000A\\\\ \\u003D\\u0026\\'`,
  ],
  ['{{"a\\u2028b" | js}} {{js 1 2}}', 'a\\u2028b 1 2'],
  ['{{html "<&>\\"\'" }} {{urlquery "a b/" 3}}', '&lt;&amp;&gt;&#34;&#39; a+b%2F3'],
]

test("a template prints what Go's prints", () => {
  for (const [template, output] of rows) assert.equal(compileTemplate(template, 'inspect')(data), output, template)
})

const unreadable: readonly (readonly [template: string, message: RegExp])[] = [
  ['{{.Name', /^template parsing error: template: :1: unclosed action$/],
  ['{{nosuch .}}', /^template parsing error: template: :1: function "nosuch" not defined$/],
  ['{{if .Name}}x', /unexpected EOF/],
  ['x{{end}}', /unexpected \{\{end\}\}/],
  ['{{(.Name}}', /unclosed left paren|unexpected/],
  ['{{}}', /missing value for command/],
  ['{{template "x"}}', /not supported/],
]

test('a template that can not be read is told so at once', () => {
  for (const [template, message] of unreadable) {
    assert.throws(() => compileTemplate(template, 'inspect'), { message, exitCode: 64 }, template)
  }
  assert.throws(() => compileTemplate('{{.ID'), {
    message: 'template parsing error: template: :1: unclosed action',
    exitCode: 1,
  })
})

const failing: readonly (readonly [template: string, message: string])[] = [
  ['{{.Nope}}', 'template: :1:2: executing "" at <.Nope>: map has no entry for key "Nope"'],
  ['a\n {{.Nope}}', 'template: :2:3: executing "" at <.Nope>: map has no entry for key "Nope"'],
  [
    '{{.State.Health.Status}}',
    'template: :1:8: executing "" at <.State.Health.Status>: map has no entry for key "Health"',
  ],
  ['{{.Id.Nope}}', 'template: :1:5: executing "" at <.Id.Nope>: can\'t evaluate field Nope in type interface {}'],
  ['{{.constructor}}', 'template: :1:2: executing "" at <.constructor>: map has no entry for key "constructor"'],
  ['{{index .Config.Env 7}}', 'template: :1: error calling index: index out of range: 7'],
  ['{{$x}}', 'template: :1: undefined variable "$x"'],
]

test('a template that asks for what is not there says where', () => {
  for (const [template, message] of failing) {
    const print = compileTemplate(template, 'inspect')
    assert.throws(() => print(data), { message: `template parsing error: ${message}`, exitCode: 1 }, template)
  }
})
