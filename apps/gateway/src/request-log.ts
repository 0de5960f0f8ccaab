import type { ServerResponse } from 'node:http'
import type { SwitchyardError } from '@switchyard/core'

/** What is told of one request when it is over. Never what was said in it. */
export interface RequestRecord {
  readonly id: string
  readonly method: string
  /** Without its query. */
  readonly path: string
  status?: number
  /** The name of the key it came with. */
  key?: string
  /** As the client gave it. */
  model?: string | undefined
  /** `provider/model` that answered. */
  target?: string
  attempts?: number
  /** Of all attempts together: `0.00042 USD`. */
  cost?: string | undefined
  durationMs?: number
  /** What went wrong, by its kind. */
  error?: string
  /** The attempts that failed: target, kind and status. */
  failures?: readonly string[]
  /** A failure of the gateway itself. */
  defect?: unknown
  /** The client left before the end. */
  left?: true
}

/** Hears of each request when it is over. */
export type RequestLog = (record: RequestRecord) => void

/** Writes into a record what failed, attempt by attempt. */
export function recordFailure(record: RequestRecord, { kind, attempts }: SwitchyardError): void {
  record.error = kind
  if (attempts.length > 0) {
    record.failures = attempts.map(({ target, kind, status }) => `${target} ${kind}${status ? ` ${status}` : ''}`)
  }
}

/** Logs a record once its answer is sent, or its client has left, and whoever handled it says by a call that it is complete. */
export function logWhenOver(record: RequestRecord, response: ServerResponse, log: RequestLog | undefined): () => void {
  if (log === undefined) return () => {}
  const started = performance.now()
  let awaited = 2
  const over = (): void => {
    if (--awaited === 0) log(record)
  }
  response.once('close', () => {
    record.status = response.statusCode
    record.durationMs = Math.round(performance.now() - started)
    if (!response.writableFinished) record.left = true
    over()
  })
  return over
}
