import type { SimulatedAnswer } from './answer.ts'
import type { FaultKind } from './error-wording.ts'

/** What an error's body looks like; `native` is the simulated provider's own. */
export type ErrorShape = 'native' | 'string' | 'fastapi' | 'html' | 'empty' | 'truncated'

/** Where in a body something happens; without either, at its start. A whole answer is one event. */
export interface Place {
  /** Before this byte of the body, counted from 0. */
  readonly atByte?: number
  /** Before this event of the stream, counted from 0. */
  readonly atEvent?: number
}

interface StatusFaultFields {
  readonly type: 'status'
  /** Default `native`. */
  readonly shape?: ErrorShape
  /** Sent as it is, instead of a shape. */
  readonly body?: string
  readonly message?: string
  readonly code?: string
  /** The error's own type: `insufficient_quota`. */
  readonly errorType?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Seconds to wait, or an HTTP date: the `Retry-After` header, or wherever the api says it. */
  readonly retryAfter?: number | string
  /** Repeats the caller's key in the message, as careless servers do. */
  readonly echoKey?: boolean
}

/**
 * Answers with an error before anything else is looked at: that of a `kind` in the api's own status, type and code,
 * or that of a `status`; with both, the kind's body under that status.
 */
export type StatusFault = StatusFaultFields &
  ({ readonly status: number; readonly kind?: FaultKind } | { readonly status?: undefined; readonly kind: FaultKind })

/** The socket is reset: without `atByte` before the headers, else before that byte of the body. */
export interface ResetFault {
  readonly type: 'reset'
  readonly atByte?: number
}

/** No headers, ever. */
export interface SilenceFault {
  readonly type: 'silence'
}

/** Waits before the headers, before the first event, or before every event but the first. */
export interface DelayFault {
  readonly type: 'slow' | 'slow-first-event' | 'drip'
  /** Milliseconds. */
  readonly ms: number
}

/** The body ends cleanly, too early. */
export interface CutFault extends Place {
  readonly type: 'cut'
}

/** The body stops, and its socket stays open. */
export interface StallFault extends Place {
  readonly type: 'stall'
}

/** An event that does not parse stands before event `atEvent`; the rest follows. */
export interface MalformedEventFault {
  readonly type: 'malformed-event'
  readonly atEvent: number
  /** What it says instead of JSON. */
  readonly text?: string
}

/** The provider reports an error inside the stream, instead of event `atEvent` and all after it. */
export interface ErrorEventFault {
  readonly type: 'error-event'
  readonly atEvent: number
  /** Default: what the api says with status 500. */
  readonly kind?: FaultKind
  /** Default `event`; `field`: in an event that looks well, where the api does so (Groq's `x_groq.error`). */
  readonly shape?: 'event' | 'field'
  readonly message?: string
  readonly code?: string
  readonly errorType?: string
  readonly echoKey?: boolean
}

/**
 * The answer itself is unlike a good provider's:
 * `no-terminator` lacks the mark of its end (`[DONE]`); `no-finish` that and the finish reason; `no-usage` never tells
 * the usage; `comments` puts a comment, or a blank line, before every event; OpenAI's dialect only:
 * `whole-tool-calls` sends a call in one piece; `tool-calls-without-index` likewise, and leaves `index` out.
 */
export interface LaxFault {
  readonly type:
    | 'no-terminator'
    | 'no-finish'
    | 'no-usage'
    | 'whole-tool-calls'
    | 'tool-calls-without-index'
    | 'comments'
}

/** Says something else than it would: what a second generation does. */
export interface OtherTextFault {
  readonly type: 'other-text'
  readonly text?: string
}

/** What becomes of a conversation that ends with an assistant message. */
export interface PrefillFault {
  readonly type: 'prefill'
  readonly behaviour: 'continued' | 'ignored' | 'refused'
}

/** Bytes in each write; 1 splits every character that has more. */
export interface ChunkSizeFault {
  readonly type: 'chunk-size'
  readonly bytes: number
}

/** Declares a `Content-Length` that is off by so much, and closes the connection. */
export interface ContentLengthFault {
  readonly type: 'content-length'
  readonly off: number
}

/**
 * The provider does not notice that the answer goes nowhere, or does not care: it makes `tokens` more (default: all the
 * rest) and bills them, whoever broke the connection, and bills a `silence` or an early `reset` likewise.
 */
export interface KeepsGeneratingFault {
  readonly type: 'keeps-generating'
  readonly tokens?: number
}

/** One thing that goes wrong. Lists of them combine. */
export type Fault =
  | StatusFault
  | ResetFault
  | SilenceFault
  | DelayFault
  | CutFault
  | StallFault
  | MalformedEventFault
  | ErrorEventFault
  | LaxFault
  | OtherTextFault
  | PrefillFault
  | ChunkSizeFault
  | ContentLengthFault
  | KeepsGeneratingFault

/** What one request gets: an answer, a fault, or a list of both. */
export type Step = Fault | SimulatedAnswer
export type ScriptEntry = string | Step | readonly Step[]

export type FaultType = Fault['type']
