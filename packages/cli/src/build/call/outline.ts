import type { Shown } from './call.ts'
import { columns } from './columns.ts'

interface Need {
  readonly name: string
  readonly required?: boolean
}

interface Outline {
  readonly name?: string
  readonly description?: string
  readonly args?: readonly { readonly name: string; readonly value?: string; readonly description?: string }[]
  readonly secrets?: readonly Need[]
  readonly ssh?: readonly Need[]
}

const gap = 3

const needs = (title: string, list: readonly Need[] = []): string =>
  list.length === 0
    ? ''
    : `${columns([[title, 'REQUIRED'], ...list.map(({ name, required }) => [name, required === true ? 'true' : ''])], gap)}\n`

/** What a target takes: build arguments, secrets and agents. */
export const showOutline = (answer: unknown): Shown => {
  const { name, description, args = [], secrets, ssh } = answer as Outline
  const title = [['TARGET:', name || '(default)'], ...(description ? [['DESCRIPTION:', description]] : [])]
  const head = name || description ? `${columns(title, 1)}\n` : ''
  const rows = args.map((arg) => [arg.name, arg.value ?? '', arg.description ?? ''])
  const list = rows.length === 0 ? '' : `${columns([['BUILD ARG', 'VALUE', 'DESCRIPTION'], ...rows], gap)}\n`
  return { stdout: head + list + needs('SECRET', secrets) + needs('SSH', ssh) }
}
