import type { IncomingMessage } from 'node:http'
import { repeatedHeader } from './request-body.ts'
import type { Endpoint, IntakeProblem, SimulatedApi } from './simulated-api.ts'

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

/** What stands behind the path. */
export function queryOf(request: IncomingMessage): URLSearchParams {
  return new URLSearchParams((request.url ?? '/').split('?').slice(1).join('?'))
}

/** What a request asks of the simulator in `metadata.simulate`. */
export function simulateMetadata(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined
  const metadata = (body as { readonly metadata?: unknown }).metadata
  if (typeof metadata !== 'object' || metadata === null) return undefined
  const simulate = (metadata as { readonly simulate?: unknown }).simulate
  return typeof simulate === 'string' ? simulate : undefined
}

/** The endpoint that a request is for, or what is wrong with the request before anybody looks at what it asks. */
export function addressedEndpoint(
  request: IncomingMessage,
  api: SimulatedApi,
  text: string | undefined,
  body: ParsedJson,
): EndpointMatch | IntakeProblem {
  const { method = 'GET' } = request
  const path = pathOf(request)
  const repeated = repeatedHeader(request, [...api.credentialHeaders, 'content-type', 'content-length', 'host'])
  if (repeated !== undefined) return problem('repeated-header', 400, `Duplicate header: '${repeated}'.`)
  const matches = api.endpoints.flatMap(endpoint => {
    const match = endpoint.path.exec(path)
    return match === null ? [] : [{ type: 'match' as const, endpoint, path: match }]
  })
  if (matches.length === 0) return problem('unknown-path', 404, `Invalid URL (${method} ${path})`)
  if (text === undefined) return problem('too-large', 413, 'The request is too large.')
  if (method === 'POST') {
    const type = request.headers['content-type'] ?? ''
    if (!/^application\/json\s*(;|$)/i.test(type)) {
      return problem('content-type', 415, `Unsupported content type: '${type}'. Expected 'application/json'.`)
    }
    if (!body.ok || body.value === undefined) {
      const message = 'We could not parse the JSON body of your request. It is expected to be a JSON object.'
      return problem('no-json', 400, message)
    }
  }
  const match = matches.find(({ endpoint }) => endpoint.method === method)
  return match ?? problem('unknown-method', 405, `Not allowed to ${method} on ${path}.`)
}

export interface EndpointMatch {
  readonly type: 'match'
  readonly endpoint: Endpoint
  readonly path: RegExpExecArray
}

function problem(type: IntakeProblem['type'], status: number, message: string): IntakeProblem {
  return { type, status, message }
}
