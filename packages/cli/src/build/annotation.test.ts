import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Exit } from '../exit.ts'
import { readAnnotation } from './annotation.ts'

test('an annotation is of the manifest where it doesn’t say of what', () => {
  const rows = [
    ['a=b=c', [['annotation.a', 'b=c']]],
    ['a=', [['annotation.a', '']]],
    ['manifest:a=b:c', [['annotation.a', 'b:c']]],
    ['index:org.x=y', [['annotation-index.org.x', 'y']]],
    [
      'manifest[linux/amd64],manifest-descriptor:a=b',
      [
        ['annotation[linux/amd64].a', 'b'],
        ['annotation-manifest-descriptor.a', 'b'],
      ],
    ],
  ] as const
  for (const [text, attrs] of rows) assert.deepEqual(readAnnotation(text), attrs)
})

test('what is no annotation is refused', () => {
  assert.throws(() => readAnnotation('a'), new Exit(1, 'ERROR: invalid annotation "a", expected key=value'))
  assert.throws(() => readAnnotation('layer:a=b'), new Exit(1, 'ERROR: invalid annotation type "layer"'))
})
