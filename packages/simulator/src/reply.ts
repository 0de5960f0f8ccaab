import type { ErrorWording } from './error-wording.ts'

/** One event of a stream, or a whole body. */
export interface ReplyPiece {
  readonly text: string
  readonly role: 'content' | 'finish' | 'usage' | 'terminator'
  /** Output tokens that were made for it, reasoning included. */
  readonly tokens: number
  /** How many of `tokens` were reasoning; default 0. */
  readonly reasoningTokens?: number
}

/** How an endpoint spells what faults put into its streams. */
export interface StreamSpelling {
  /** An event around this text, which need not be JSON. */
  event(text: string): string
  /** An error instead of what should have come; as a `field` of an event that looks well, where the api does so. */
  error(error: ErrorWording, shape?: 'event' | 'field'): string
  /** What keeps a connection alive and says nothing. */
  readonly comment: string
}

/** Tokens as they go on the bill. */
export interface Billing {
  readonly model: string
  /** All of the prompt. */
  readonly inputTokens: number
  /** How many of them were read from the cache; default 0. */
  readonly cachedTokens?: number
  /** How many of them were written to the cache, by lifetime: `{ '5m': 200 }`. */
  readonly cacheWriteTokens?: Readonly<Record<string, number>>
  /** Messages of the prompt that were left out without a word (Ollama), and are not in `inputTokens`. */
  readonly leftOutMessages?: number
  /** Reasoning that no piece shows; it comes before all pieces. Default 0. */
  readonly hiddenTokens?: number
}

/** What the simulated provider means to send, before faults. */
export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** The events of a stream, or one whole body. */
  readonly pieces: readonly ReplyPiece[]
  /** Given, the pieces are sent as they come; absent, they are one body. */
  readonly stream?: StreamSpelling
  /** What goes on the bill beside the pieces' tokens. */
  readonly billing?: Billing
}

/** A body that is sent whole. */
export function wholeReply(status: number, body: string, headers: Readonly<Record<string, string>>): Reply {
  return { status, headers, pieces: [{ text: body, role: 'content', tokens: 0 }] }
}

/** A 200 whose body is JSON. */
export function jsonReply(body: unknown, billing?: Billing): Reply {
  const reply = wholeReply(200, JSON.stringify(body), { 'content-type': 'application/json' })
  return billing === undefined ? reply : { ...reply, billing }
}
