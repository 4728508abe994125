import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findDirective } from './directives.ts'
import { isBuiltInSyntax, requestedSyntax } from './syntax.ts'

test('requestedSyntax() finds the frontend that a definition asks for', () => {
  assert.equal(requestedSyntax('# syntax=docker/dockerfile:1\nFROM a'), 'docker/dockerfile:1')
  assert.equal(requestedSyntax('#  SYNTAX =  a/b --flag\nFROM a'), 'a/b')
  assert.equal(requestedSyntax('# escape=`\n# syntax=a/b\nFROM a'), 'a/b')
  assert.equal(requestedSyntax('#!/bin/sh\n# syntax=a/b\n'), 'a/b')
  assert.equal(requestedSyntax('// syntax=a/b\n{}'), 'a/b')
  assert.equal(requestedSyntax('{"syntax": "a/b c"}'), 'a/b')
  assert.equal(requestedSyntax('# a comment\n# syntax=a/b\nFROM a'), undefined)
  assert.equal(requestedSyntax('\n# syntax=a/b\nFROM a'), undefined)
  assert.equal(requestedSyntax('FROM a\n# syntax=a/b'), undefined)
  // It is looked for in other ways than the parser looks for directives.
  assert.equal(requestedSyntax('  # syntax=a/b\nFROM a'), undefined)
  assert.equal(requestedSyntax('# other=x\n# syntax=a/b\nFROM a'), undefined)
  assert.equal(requestedSyntax('\uFEFF#!/bin/sh\r\n# syntax=a/b\r\n'), 'a/b')
  assert.equal(requestedSyntax('{"syntax": 1}'), undefined)
  assert.equal(requestedSyntax('{"syntax'), undefined)
})

test('isBuiltInSyntax() knows the Dockerfile frontend by all its names', () => {
  const built = ['docker/dockerfile', 'docker/dockerfile:1.7-labs', 'docker.io/docker/dockerfile:1', 'dockerfile.v0']
  const mirrors = ['mirror.example.com/docker/dockerfile:1', 'localhost:5000/hub/docker/dockerfile@sha256:00']
  for (const name of [...built, ...mirrors, 'docker/dockerfile-upstream:master']) assert.ok(isBuiltInSyntax(name), name)
  for (const name of ['example/frontend:1', 'docker/dockerfiles', 'notdocker/dockerfile', 'docker/dockerfile/x']) {
    assert.ok(!isBuiltInSyntax(name), name)
  }
})

test('findDirective() finds the settings of the checks, also behind a line for an interpreter', () => {
  assert.equal(findDirective('# syntax=a\n# CHECK = skip=all\nFROM a', 'check'), 'skip=all')
  assert.equal(findDirective('#!/x\n# check=skip=A,B ;error=true\nFROM a', 'check'), 'skip=A,B')
  assert.equal(findDirective(' # check=skip=all\nFROM a', 'check'), undefined)
  assert.equal(findDirective('\n# check=skip=all\nFROM a', 'check'), undefined)
})
