import type { ErrorKind } from '@switchyard/core/contract'

/** What went wrong, in no provider's words; each api turns it into its own status, type, code and body. */
export type FaultKind = Extract<
  ErrorKind,
  | 'authentication'
  | 'permission'
  | 'not-found'
  | 'invalid-request'
  | 'context-length'
  | 'content-filter'
  | 'rate-limit'
  | 'quota'
  | 'overloaded'
  | 'unavailable'
  | 'timeout'
>

/** An error in the simulated provider's own words. */
export interface ErrorWording {
  readonly status: number
  readonly message: string
  /** The provider's class of error: `invalid_request_error`, `RESOURCE_EXHAUSTED`. */
  readonly type: string
  readonly code?: string | null
  /** The field at fault. */
  readonly param?: string | null
  /** Further fields of the error, where the provider has some. */
  readonly details?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Seconds to wait, or an HTTP date. */
  readonly retryAfter?: number | string
}

/** Why the simulated provider will not answer. */
export class RequestRefusal extends Error {
  readonly error: ErrorWording

  constructor(error: ErrorWording) {
    super(error.message)
    this.error = error
  }
}
