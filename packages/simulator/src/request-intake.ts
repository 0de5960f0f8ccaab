import type { IncomingMessage } from 'node:http'
import type { Reply } from './reply.ts'
import { repeatedHeader } from './request-body.ts'
import type { SimulatedApi } from './simulated-api.ts'

export interface ParsedJson {
  readonly ok: boolean
  readonly value?: unknown
}

/** What a body says, when it is JSON; nothing is well said, too. */
export function parsedJson(text: string | undefined): ParsedJson {
  if (text === undefined) return { ok: false }
  try {
    return { ok: true, value: text === '' ? undefined : JSON.parse(text) }
  } catch {
    return { ok: false }
  }
}

/** Without its query. */
export function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0] as string
}

/** What a request asks of the simulator in `metadata.simulate`. */
export function simulateMetadata(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined
  const metadata = (body as { readonly metadata?: unknown }).metadata
  if (typeof metadata !== 'object' || metadata === null) return undefined
  const simulate = (metadata as { readonly simulate?: unknown }).simulate
  return typeof simulate === 'string' ? simulate : undefined
}

/** What is wrong with a request before anybody looks at what it says. */
export function refusedRequest(
  request: IncomingMessage,
  api: SimulatedApi,
  text: string | undefined,
  body: ParsedJson,
): Reply | undefined {
  const refuse = (status: number, message: string, code: string | null = null) =>
    api.errorReply(status, { message, type: 'invalid_request_error', param: null, code })
  const path = pathOf(request)
  const repeated = repeatedHeader(request, [...api.credentialHeaders, 'content-type', 'content-length', 'host'])
  if (repeated !== undefined) return refuse(400, `Duplicate header: '${repeated}'.`)
  if (!api.handles(path)) return refuse(404, `Invalid URL (${request.method} ${path})`)
  if (text === undefined) return refuse(413, 'The request is too large.', 'request_too_large')
  if (request.method !== 'POST') return undefined
  const type = request.headers['content-type'] ?? ''
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    return refuse(415, `Unsupported content type: '${type}'. Expected 'application/json'.`, 'unsupported_content_type')
  }
  if (!body.ok || body.value === undefined) {
    return refuse(400, 'We could not parse the JSON body of your request. It is expected to be a JSON object.')
  }
  return undefined
}
