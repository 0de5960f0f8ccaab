import type { BillEntry } from '@switchyard/simulator'

/** One request as a provider saw and billed it. */
export interface ProviderRequest {
  readonly provider: string
  /** Of the `traceparent` that the caller sent and the gateway passed on. */
  readonly traceId: string
  /** Milliseconds since 1970. */
  readonly arrivedAt: number
  readonly bodyBytes: number
  readonly maxTokens: number
  /** Absent where nothing is billed: it was refused. */
  readonly bill?: BillEntry
}
