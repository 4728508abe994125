import type { IncomingMessage } from 'node:http'
import { kindOf } from '../metrics/metrics.ts'
import { requestIdOf } from '../request-id.ts'

/** One request, as a trace has it. */
export interface RequestSpan {
  end(status: number): void
}

/** Sends what happens to an OpenTelemetry collector. Disposing sends what still waits. */
export interface Traces extends AsyncDisposable {
  begin(request: IncomingMessage): RequestSpan
}

/** The caller's own trace goes on here (W3C Trace Context, section 3.2). */
const parentOf = (
  header: unknown,
): { traceId: string; spanId: string; traceFlags: number; isRemote: true } | undefined => {
  const [, traceId, spanId, flags] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(String(header ?? '')) ?? []
  if (!traceId || !spanId || !flags || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true }
}

/** A query may hold what is nobody's business: only the path is told. */
const pathOf = ({ url = '' }: IncomingMessage): string => url.split('?', 1)[0] ?? ''

/**
 * Traces over OTLP and HTTP to `endpoint` (`http://127.0.0.1:4318`). The SDK is loaded now and not before: it takes 150 ms and
 * 25 MB that a registry without traces is spared.
 */
export const openTraces = async (endpoint: string): Promise<Traces> => {
  const { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } = await import('@opentelemetry/api')
  const { BatchSpanProcessor, TracerProvider } = await import('@opentelemetry/sdk-trace')
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http')
  const { defaultResource, resourceFromAttributes } = await import('@opentelemetry/resources')
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, '')}/v1/traces` })
  const provider = new TracerProvider({
    resource: defaultResource().merge(resourceFromAttributes({ 'service.name': 'slipway-registry' })),
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: 1000, exportTimeoutMillis: 5000 })],
  })
  const tracer = provider.getTracer('slipway-registry')
  return {
    begin: (request) => {
      const { method = '', headers } = request
      const [path, parent] = [pathOf(request), parentOf(headers.traceparent)]
      const context = parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent)
      const span = tracer.startSpan(
        `${method} ${kindOf(path)}`,
        {
          kind: SpanKind.SERVER,
          attributes: {
            'http.request.method': method,
            'url.path': path,
            'user_agent.original': headers['user-agent'] ?? '',
            'slipway.request_id': requestIdOf(request),
          },
        },
        context,
      )
      return {
        end: (status) => {
          span.setAttribute('http.response.status_code', status)
          if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
          span.end()
        },
      }
    },
    [Symbol.asyncDispose]: () => provider.shutdown(),
  }
}
