import { alignTabs } from './table.ts'
import { compileTemplate } from './template/template.ts'
import { isRecord, type Method } from './template/value.ts'

/** One line of a list: docker's names of the fields, and their texts. */
export type Row = Readonly<Record<string, string | boolean | null | Method>>

export interface RowLayout {
  /** The table that is printed when nothing else is asked for, as a template. */
  readonly table: string
  /** The heading of each field. */
  readonly headings: Readonly<Record<string, string>>
  /** What `--quiet` prints. */
  readonly quiet: string
  /** What docker's program calls a row, when somebody asks for a field that it hasn't. */
  readonly type: string
  /** What takes an argument, such as `.Label "name"`. */
  readonly methods?: readonly string[]
}

export interface RowFormat {
  readonly format?: string | undefined
  readonly quiet?: boolean
}

const readEscapes = (format: string): string => format.trim().replaceAll('\\t', '\t').replaceAll('\\n', '\n')

/** A row's fields by name, without the methods. */
const rowData = (row: Row): Readonly<Record<string, string | boolean | null>> =>
  Object.fromEntries(
    Object.entries(row)
      .filter((entry): entry is [string, string | boolean | null] => typeof entry[1] !== 'function')
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )

const escapes: Readonly<Record<string, string>> = { '<': '\\u003c', '>': '\\u003e', '&': '\\u0026' }

/** JSON that is safe in HTML, as Go's encoder likes it. */
const safeJson = (data: unknown): string => JSON.stringify(data).replace(/[<>&]/g, (char) => escapes[char] ?? char)

/** Whole rows are printed by `{{json .}}` alone. */
const isWholeJson = (template: string): boolean => /^\{\{\s*json\s+\.\s*\}\}$/.test(template)

/** Rows of several kinds, by their names, as one text by one template. */
export const formatKinds = (format: string, kinds: Readonly<Record<string, readonly Row[]>>): string => {
  const data = Object.fromEntries(Object.entries(kinds).map(([name, rows]) => [name, rows.map(rowData)]))
  const template = readEscapes(format === 'json' ? '{{json .}}' : format)
  return isWholeJson(template) ? safeJson(data) : compileTemplate(template, 'inspect')(data)
}

/** The headings stand in for the fields of a row; a method's heading is empty. */
const headingRow = ({ headings, methods = [] }: RowLayout): unknown => ({
  ...Object.fromEntries(methods.map((name) => [name, (_argument: unknown) => ''])),
  ...headings,
})

const templateOf = (layout: RowLayout, { format = '', quiet = false }: RowFormat): string => {
  if (format === '' || format === 'table') return quiet ? layout.quiet : `table ${layout.table}`
  if (format === 'json') return '{{json .}}'
  return quiet && format.startsWith('table ') ? layout.quiet : format
}

/** Whether a format asks for nothing that rows of this kind haven't, before there are any. Throws Exit. */
export const checkFormat = (layout: RowLayout, format: string): void => {
  compileTemplate(format, 'listCheck', layout.type)(headingRow(layout))
}

/** Prints rows as docker does: `table`, `table TEMPLATE`, `json`, or a template for each. */
export const formatRows = (layout: RowLayout, rows: readonly Row[], wanted: RowFormat): string => {
  const template = readEscapes(templateOf(layout, wanted))
  const isTable = template.startsWith('table ')
  const line = isTable ? template.slice('table '.length).trimStart() : template
  const print = compileTemplate(line, 'list', layout.type)
  const lines = rows.map((row) => (isWholeJson(template) ? safeJson(rowData(row)) : print(row)))
  if (!isTable) return lines.map((line) => `${line}\n`).join('')
  return alignTabs([compileTemplate(line, 'heading')(headingRow(layout)), ...lines])
}

/** `a=b,c=d` */
export const joinLabels = (labels: unknown): string =>
  isRecord(labels)
    ? Object.entries(labels)
        .map(([name, value]) => `${name}=${value}`)
        .join(',')
    : ''
