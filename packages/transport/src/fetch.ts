import {
  type ErrorDetails,
  isSwitchyardError,
  SwitchyardError,
  type TransportTimeouts,
} from '@switchyard/core/contract'
import { transportResponse } from './fetch-response.ts'
import { parseUrl, type Send, type WireRequest, type WireResponse } from './wire-request.ts'

/** What `fetch` takes beside the platform's own options. */
export interface FetchExtension extends TransportTimeouts {
  /** Ends the call in place of `init.signal`; for SDKs that leave listeners on the caller's signal. */
  readonly signal?: AbortSignal | undefined
  /** Put on the errors of this call, as it is when one happens. */
  readonly about?: ErrorDetails
}

export interface TransportFetchInit extends RequestInit {
  readonly switchyard?: FetchExtension
}

export type TransportFetch = (input: string | URL | Request, init?: TransportFetchInit) => Promise<Response>

const redirectStatuses = new Set([301, 302, 303, 307, 308])
const mostRedirects = 5
// nothing else follows a redirect to another origin: keys travel in headers of many names
const harmlessHeaders = new Set(['accept', 'accept-encoding', 'accept-language', 'user-agent'])

/** A `fetch` that sends through this transport. */
export function createFetch(send: Send): TransportFetch {
  return async (input, init = {}) => {
    const request = await wireRequest(input, init)
    const redirect = init.redirect ?? (input instanceof Request ? input.redirect : 'follow')
    try {
      return await follow(send, request, redirect)
    } catch (error) {
      const { signal } = request
      throw signal?.aborted && isSwitchyardError(error, 'aborted') ? signal.reason : error
    }
  }
}

async function follow(send: Send, request: WireRequest, mode: Request['redirect']): Promise<Response> {
  let current = request
  for (let redirects = 0; ; redirects++) {
    const response = await send(current)
    const next = mode === 'manual' ? undefined : redirectTarget(current, response)
    if (next === undefined) {
      const { method, signal } = current
      return transportResponse(response, {
        url: current.url.href,
        redirected: redirects > 0,
        bodyless: method === 'HEAD',
        signal: signal ?? undefined,
      })
    }
    response.body.cancel()
    if (mode === 'error' || redirects === mostRedirects) {
      const reason = mode === 'error' ? 'and redirects are not wanted here' : `more than ${mostRedirects} times`
      throw new SwitchyardError('protocol', `${request.url.host} redirected the call, ${reason}.`)
    }
    current = { ...current, url: next, headers: headersFor(next, current) }
  }
}

// a request that changes something is not sent twice: its redirect is the caller's to see
function redirectTarget(request: WireRequest, response: WireResponse): URL | undefined {
  const location = response.rawHeaders.location
  if (!redirectStatuses.has(response.status) || typeof location !== 'string') return undefined
  if (request.method !== 'GET' && request.method !== 'HEAD') return undefined
  return URL.canParse(location, request.url.href) ? parseUrl(new URL(location, request.url)) : undefined
}

function headersFor(target: URL, request: WireRequest): Record<string, string> {
  if (target.origin === request.url.origin) return request.headers
  return Object.fromEntries(Object.entries(request.headers).filter(([name]) => harmlessHeaders.has(name)))
}

async function wireRequest(input: string | URL | Request, init: TransportFetchInit): Promise<WireRequest> {
  const base = input instanceof Request ? input : undefined
  const method = (init.method ?? base?.method ?? 'GET').toUpperCase()
  const headers = plainHeaders(init.headers ?? base?.headers)
  headers.accept ??= '*/*'
  const body = await wireBody(init.body ?? base?.body, headers)
  if (body !== undefined && (method === 'GET' || method === 'HEAD')) {
    throw new SwitchyardError('invalid-request', `A ${method} request cannot carry a body.`)
  }
  const { signal: ownSignal, about, ...timeouts } = init.switchyard ?? {}
  return {
    url: parseUrl(base?.url ?? (input as string | URL)),
    method,
    headers,
    ...(body !== undefined && { body }),
    signal: ownSignal ?? init.signal ?? base?.signal,
    timeouts,
    about,
  }
}

function plainHeaders(given: RequestInit['headers']): Record<string, string> {
  const headers: Record<string, string> = {}
  if (given === undefined) return headers
  const entries = given instanceof Headers ? given : new Headers(given)
  for (const [name, value] of entries) headers[name] = value
  return headers
}

type WireBody = Exclude<WireRequest['body'], undefined>

async function wireBody(body: RequestInit['body'], headers: Record<string, string>): Promise<WireBody | undefined> {
  if (body === null || body === undefined) return undefined
  if (typeof body === 'string') {
    headers['content-type'] ??= 'text/plain;charset=UTF-8'
    return body
  }
  if (body instanceof Uint8Array) return body
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer, body.byteOffset, body.byteLength)
  if (body instanceof ArrayBuffer) return new Uint8Array(body)
  if (body instanceof ReadableStream) return body
  if (body instanceof Blob) {
    if (body.type !== '') headers['content-type'] ??= body.type
    headers['content-length'] = String(body.size)
    return body.stream()
  }
  if (body instanceof URLSearchParams || body instanceof FormData) {
    // the platform knows how to write these; whole, so that the length is known
    const packed = new Response(body)
    headers['content-type'] ??= packed.headers.get('content-type') as string
    return new Uint8Array(await packed.arrayBuffer())
  }
  // what node's own fetch takes beyond the standard
  return body as AsyncIterable<Uint8Array>
}
