import type { TSchema } from '@sinclair/typebox'
import * as wire from '@slipway/client/hub'
import type { ApiRoute, Operation } from './route.ts'

type Json = Readonly<Record<string, unknown>>

/** Schemas that have a name of their own, by their text: what is the same is said once. */
const names = new Map(Object.entries(wire).map(([name, schema]) => [JSON.stringify(schema), name]))

/** The schema as the document has it: where it, or a part of it, has a name, that name alone. */
const referred = (schema: unknown, isRoot = true): unknown => {
  if (typeof schema !== 'object' || schema === null) return schema
  if (Array.isArray(schema)) return schema.map((item) => referred(item, false))
  const name = isRoot ? undefined : names.get(JSON.stringify(schema))
  if (name !== undefined) return { $ref: `#/components/schemas/${name}` }
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, referred(value, false)]))
}

const referTo = (schema: TSchema): unknown => referred(schema, false)

const pathParameters: Readonly<Record<string, string>> = {
  name: 'Of the repository. Its slashes stay as they are',
  tag: 'Of the tag',
  digest: '`sha256:…`',
  account: 'Of the account',
}

const parametersIn = (path: string): readonly Json[] =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
    ...(pathParameters[name] ? { description: pathParameters[name] } : {}),
  }))

const parametersOf = ({ query }: Operation): readonly Json[] =>
  Object.entries(query?.properties ?? {}).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    required: query?.required?.includes(name) ?? false,
    schema: referTo(schema as TSchema),
    ...(description ? { description } : {}),
  }))

const contentOf = ({ answer, media }: Operation): Json | undefined => {
  if (media !== undefined) return Object.fromEntries(media.map((type) => [type, { schema: { type: 'string' } }]))
  return answer && { 'application/json': { schema: referTo(answer) } }
}

const answerOf = (operation: Operation): Json => {
  const content = contentOf(operation)
  const { status = content === undefined ? 204 : 200, summary } = operation
  return { [status]: { description: summary, ...(content ? { content } : {}) } }
}

const operationOf = ({ path, operation }: ApiRoute): Json => {
  const { id, summary, who, body } = operation
  const isNeeded = ((body?.['required'] as readonly string[] | undefined)?.length ?? 0) > 0
  const content = body && { 'application/json': { schema: referTo(body) } }
  return {
    operationId: id,
    summary,
    description: `For ${who.about}.`,
    tags: [path.split('/')[3] ?? ''],
    parameters: [...parametersIn(path), ...parametersOf(operation)],
    ...(content ? { requestBody: { required: isNeeded, content } } : {}),
    responses: { ...answerOf(operation), default: { $ref: '#/components/responses/Refused' } },
  }
}

/** `/api/v1/repositories/{name...}` is `{name}` there: OpenAPI has no word for a parameter with slashes. */
const plain = (route: ApiRoute): ApiRoute => ({ ...route, path: route.path.replace('...}', '}') })

const pathsOf = (routes: readonly ApiRoute[]): Json => {
  const paths: Record<string, Json> = {}
  for (const route of routes.map(plain)) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operationOf(route) }
  }
  return paths
}

const about = `What a registry knows beyond the OCI distribution protocol: its pages and \`slipway hub\` use this API, and nothing
else. A caller is known by a browser's session, by name and password or access token (Basic), or by one of the token
protocol's tokens (Bearer). What one may not read is refused in the same words whether it is there or not.`

/** The API's description: OpenAPI 3.1, made of the table that serves it. */
export const documentOf = (routes: readonly ApiRoute[]): Json => ({
  openapi: '3.1.0',
  info: { title: 'Slipway Hub', version: '1', description: about, license: { name: 'Apache-2.0' } },
  servers: [{ url: '/' }],
  security: [{}, { session: [] }, { basic: [] }, { bearer: [] }],
  tags: [...new Set(routes.map(({ path }) => path.split('/')[3] ?? ''))].map((name) => ({ name })),
  paths: pathsOf(routes),
  components: {
    securitySchemes: {
      session: { type: 'apiKey', in: 'cookie', name: 'slipway_hub' },
      basic: { type: 'http', scheme: 'basic' },
      bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
    },
    schemas: Object.fromEntries(Object.entries(wire).map(([name, schema]) => [name, referred(schema)])),
    responses: {
      Refused: {
        description: 'Why not',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Refusal' } } },
      },
    },
  },
})
