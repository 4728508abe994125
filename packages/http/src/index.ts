/**
 * One small HTTP layer for both daemons, over node:http: route tables (`route.ts`), bodies (`body.ts`) and what JSON must look
 * like (`shape.ts`), answers and JSON streams (`respond.ts`), connections that leave HTTP (`hijack.ts`, `websocket.ts`),
 * sockets (`listen.ts`), and what a browser is given and must be asked (`pages/`, `browser.ts`).
 */
export { type Address, isLoopback, parseAddress } from './address.ts'
export { type BodyShape, readBody, readJson, readJsonText, readJsonValue } from './body.ts'
export { checkOwnPage, cookieOf, isEncrypted, sessionCookie } from './browser.ts'
export { hijack } from './hijack.ts'
export { closeServer, type Listen, listen } from './listen.ts'
export { type PageFile, readPages } from './pages/read.ts'
export { type Pages, servePage } from './pages/serve.ts'
export { JsonStream, sendEmpty, sendJson } from './respond.ts'
export { type ApiRequest, createMatcher, type Match, type Method, type Route, type Upgraded } from './route.ts'
export { createHttpServer, type HttpServerOptions, type ServerTls } from './server.ts'
export * as shape from './shape.ts'
export { acceptWebSocket } from './websocket.ts'
