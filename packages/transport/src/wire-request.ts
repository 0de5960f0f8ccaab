import { type ErrorDetails, SwitchyardError, type TransportTimeouts } from '@switchyard/core/contract'
import type { BodyReader } from './body-reader.ts'
import type { RawHeaders } from './exchange.ts'

/** What goes to the wire, after all faces have prepared it. */
export interface WireRequest {
  readonly url: URL
  readonly method: string
  readonly headers: Record<string, string>
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array>
  readonly signal?: AbortSignal | undefined
  readonly timeouts?: TransportTimeouts | undefined
  readonly about?: ErrorDetails | undefined
}

export interface WireResponse {
  readonly status: number
  readonly statusText: string
  readonly rawHeaders: RawHeaders
  readonly body: BodyReader
}

export type Send = (request: WireRequest) => Promise<WireResponse>

/** @throws {SwitchyardError} `invalid-request`, without the address where it may hold a credential. */
export function parseUrl(url: string | URL): URL {
  let parsed: URL
  try {
    parsed = typeof url === 'string' ? new URL(url) : url
  } catch {
    throw new SwitchyardError('invalid-request', 'The URL cannot be parsed: it should begin with http:// or https://.')
  }
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:') {
    throw new SwitchyardError('invalid-request', `A URL begins with http:// or https://, not ${parsed.protocol}//.`)
  }
  if (parsed.username !== '' || parsed.password !== '') {
    const message = `The URL of ${placeOf(parsed)} holds a user name or password: send it as a header instead.`
    throw new SwitchyardError('invalid-request', message)
  }
  return parsed
}

/** `host:port`, the part of an address that may be told. */
export function placeOf(url: URL): string {
  return url.port !== '' ? url.host : `${url.host}:${url.protocol === 'https:' ? 443 : 80}`
}
