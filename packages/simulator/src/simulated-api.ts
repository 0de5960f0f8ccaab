import type { ErrorWording } from './error-shapes.ts'
import type { Step } from './fault.ts'
import type { Reply } from './reply.ts'

/** A request as it came over the wire, its body parsed. */
export interface ReceivedRequest {
  readonly id: string
  readonly method: string
  /** Without its query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: unknown
  readonly steps: readonly Step[]
}

/** One wire dialect that the server can speak; what is generic (faults, delivery, log, bill) lies outside. */
export interface SimulatedApi {
  /** Whether a path is one of this dialect's. */
  handles(path: string): boolean
  /** The key that the request carries, wherever this dialect puts it. */
  credential(headers: ReceivedRequest['headers']): string | undefined
  /** The headers that hold the key, in lower case; the log masks them. */
  readonly credentialHeaders: readonly string[]
  /** What it would answer; refusals of bad requests are replies too. */
  reply(request: ReceivedRequest): Promise<Reply> | Reply
  /** An error that the generic part has to tell. */
  errorReply(status: number, error: ErrorWording): Reply
  /** What it says to a key that is missing or wrong. */
  keyRefusal(credential: string | undefined): ErrorWording
  /** The words this provider uses with a status. */
  wording(status: number): ErrorWording
  errorBody(error: ErrorWording): string
  /** An error inside a stream, or as the body of a 200. */
  errorEvent(error: ErrorWording, streamed: boolean): string
  /** An event of a stream that does not parse. */
  malformedEvent(text: string, streamed: boolean): string
  /** On every answer. */
  headers(request: { readonly id: string; readonly receivedAt: number }): Record<string, string>
}
