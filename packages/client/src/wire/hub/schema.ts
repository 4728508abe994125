import { type Static, type TProperties, type TSchema, Type } from '@sinclair/typebox'

/** As what comes over the wire is used: nobody changes it. */
type Frozen<T> = T extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Frozen<T[Key]> }
    : T

/** The TypeScript type that a schema describes. */
export type Of<Schema extends TSchema> = Frozen<Static<Schema>>

/** The schema with a sentence for the document. */
export const about = <Schema extends TSchema>(description: string, schema: Schema): Schema => ({
  ...schema,
  description,
})

/** Something that is sent to us: what we don't know is refused, for a misspelled limit would be no limit. */
export const wish = <Properties extends TProperties>(properties: Properties) =>
  Type.Object(properties, { additionalProperties: false })

export const nullable = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()])

/** A page of a list; `next` is what to send back for the page that follows: null where there is none. */
export const pageOf = <Name extends string, Schema extends TSchema>(name: Name, rows: Schema) =>
  Type.Object({
    [name]: Type.Array(rows),
    next: nullable(Type.String()),
  } as { readonly [Key in Name]: ReturnType<typeof Type.Array<Schema>> } & {
    readonly next: ReturnType<typeof nullable<ReturnType<typeof Type.String>>>
  })

/** Where a page of a list begins. */
export const PageQuery = Type.Object({
  after: Type.Optional(Type.String({ maxLength: 300, description: '`next` of the page before' })),
})
export type PageQuery = Of<typeof PageQuery>

/** ISO 8601. */
export const moment = Type.String({ format: 'date-time' })
/** Bytes, or how many there are of something. */
export const count = Type.Integer({ minimum: 0 })
export const digest = Type.String({ pattern: '^[a-z0-9]+:[a-f0-9]+$', maxLength: 160 })
export const visibility = Type.Union([Type.Literal('public'), Type.Literal('private')])
/** `team/app`, `team/**`, or `**` for everything. */
export const pattern = Type.String({ maxLength: 300, description: '`team/app`, `team/**`, or `**` for everything' })
/** `pull,push`; `*` is all. */
export const actions = Type.String({ maxLength: 80, description: 'some of pull,push,delete,manage; or *' })
