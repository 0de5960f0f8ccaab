import { type JsonObject, SwitchyardError } from '@switchyard/core/contract'
import type { TransportRequest } from './transport.ts'
import type { WireCall } from './wire-protocol.ts'

/** A client of an official SDK that makes a request without sending it. */
export interface RequestBuilder {
  buildRequest(options: {
    method: 'get' | 'post'
    path: string
    body?: JsonObject
    headers?: Record<string, string>
  }): Promise<{ readonly req: { readonly headers: Headers; readonly body?: unknown }; readonly url: string }>
}

/**
 * The request as the SDK makes it: its address, its credentials, its headers.
 * @throws {SwitchyardError} `invalid-request` where the SDK refuses; its words may hold what it was given.
 */
export async function sdkRequest(
  sdk: string,
  client: RequestBuilder,
  { method, path, body, headers, signal, timeouts, traceParent, about }: WireCall,
): Promise<TransportRequest> {
  const own = { ...headers, ...(traceParent !== undefined && { traceparent: traceParent }) }
  const asked = { method: method === 'GET' ? ('get' as const) : ('post' as const), path, headers: own }
  try {
    const { req, url } = await client.buildRequest(body === undefined ? asked : { ...asked, body })
    const request = { url, method, headers: plain(req.headers), signal, timeouts, about }
    return typeof req.body === 'string' ? { ...request, body: req.body } : request
  } catch {
    throw new SwitchyardError('invalid-request', `The ${sdk} SDK refused to make the request.`, {
      ...about,
      unsent: true,
    })
  }
}

function plain(headers: Headers): Record<string, string> {
  const record: Record<string, string> = {}
  for (const [name, value] of headers) record[name] = value
  return record
}
