import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import type { Caller } from './callers.ts'
import type { RequestRecord } from './request-log.ts'

/** One request as the server received it. */
export interface IncomingCall {
  readonly id: string
  readonly caller: Caller
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly response: ServerResponse
  /** Ends the call from our side. */
  readonly controller: AbortController
  /** Filled in as the call goes, for the log. */
  readonly record: RequestRecord
}
