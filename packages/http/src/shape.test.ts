import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bool, empty, integer, list, map, nullable, object, readShape, text } from './shape.ts'

interface Box {
  readonly Name?: string
  readonly Size?: number
  readonly Open?: boolean
  readonly Tags?: readonly string[]
  readonly Labels?: Readonly<Record<string, string>>
  readonly Inside?: { readonly Depth?: number }
  readonly Boxes?: readonly { readonly Name?: string }[]
  readonly Ports?: Readonly<Record<string, readonly string[] | null>>
  readonly Set?: Readonly<Record<string, Readonly<Record<string, never>>>>
}

const uint16 = integer('uint16', { minimum: 0, maximum: 65535 })

const box = object<Box>('box.Box', {
  Name: text(),
  Size: uint16,
  Open: bool,
  Tags: list(text()),
  Labels: map(text()),
  Inside: object('box.Inside', { Depth: integer() }),
  Boxes: list(object('box.Small', { Name: text() })),
  Ports: map(nullable(list(text()))),
  Set: map(empty),
})

const read = (value: unknown): Box => readShape(box, value, 'Box')

test('readShape() keeps what fits, in any case of the names, and passes over what is unknown', () => {
  assert.deepEqual(read({ name: 'a', OPEN: true, Sise: 3 }), { Name: 'a', Open: true })
  assert.deepEqual(read({ Inside: { depth: -1 }, Set: { '80/tcp': { x: 1 } } }), {
    Inside: { Depth: -1 },
    Set: { '80/tcp': {} },
  })
})

test('readShape() takes null as absent in an object, and as the zero value in a list or a map', () => {
  assert.deepEqual(read({ Name: null, Size: 1 }), { Size: 1 })
  assert.deepEqual(read({ Tags: ['a', null], Labels: { b: null }, Ports: { p: null, q: ['1'] } }), {
    Tags: ['a', ''],
    Labels: { b: '' },
    Ports: { p: null, q: ['1'] },
  })
  assert.deepEqual(read(null), {})
})

test('readShape() names a __proto__ like any other', () => {
  const { Labels } = read(JSON.parse('{"Labels":{"__proto__":"x"},"__proto__":{"Name":"y"}}'))
  assert.deepEqual(Object.keys(Labels ?? {}), ['__proto__'])
})

test("readShape() refuses another type in Go's words", () => {
  const refusals: readonly (readonly [unknown, string])[] = [
    [[], 'array into Go value of type box.Box'],
    ['x', 'string into Go value of type box.Box'],
    [{ Name: 3 }, 'number into Go struct field Box.Name of type string'],
    [{ name: {} }, 'object into Go struct field Box.Name of type string'],
    [{ Size: '3' }, 'string into Go struct field Box.Size of type uint16'],
    [{ Size: 1.5 }, 'number 1.5 into Go struct field Box.Size of type uint16'],
    [{ Size: 70000 }, 'number 70000 into Go struct field Box.Size of type uint16'],
    [{ Inside: { Depth: 1e20 } }, 'number 100000000000000000000 into Go struct field Box.Inside.Depth of type int64'],
    [{ Open: 1 }, 'number into Go struct field Box.Open of type bool'],
    [{ Tags: 'a' }, 'string into Go struct field Box.Tags of type []string'],
    [{ Tags: ['a', true] }, 'bool into Box.Tags.1 of type string'],
    [{ Boxes: [{ Name: 1 }] }, 'number into Go struct field Box.Boxes.0.Name of type string'],
    [{ Labels: [] }, 'array into Go struct field Box.Labels of type map[string]string'],
    [{ Ports: { '80/tcp': [1] } }, 'number into Box.Ports.80~1tcp.0 of type string'],
    [{ Set: { a: 3 } }, 'number into Go struct field Box.Set.a of type struct {}'],
  ]
  for (const [value, problem] of refusals) {
    assert.throws(() => read(value), {
      code: 'invalid',
      message: `invalid JSON: json: cannot unmarshal ${problem}`,
    })
  }
})
