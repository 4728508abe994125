/**
 * What the hub's API takes and answers (`/api/v1/…` of a registry), as JSON schemas and as the types that these describe: one
 * definition for the registry, the SDK and the pages. Times are ISO 8601, sizes bytes.
 */
export * from './account.ts'
export * from './audit.ts'
export * from './feed.ts'
export * from './garbage.ts'
export * from './identity.ts'
export * from './image.ts'
export * from './project.ts'
export * from './refusal.ts'
export * from './repository.ts'
export * from './rule.ts'
export { type Of, PageQuery } from './schema.ts'
export * from './second-factor.ts'
export * from './session.ts'
export * from './sign-up.ts'
export * from './tag.ts'
export * from './team.ts'
export * from './token.ts'
export * from './webhook.ts'
