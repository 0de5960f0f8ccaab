import type { JsonObject, MessageRequest } from '@switchyard/core/contract'

/** A call that the simulated model makes; `arguments` as text is sent as it is, valid or not. */
export interface SimulatedToolCall {
  readonly name: string
  readonly arguments: JsonObject | string
  readonly id?: string
}

/** How an answer ends, in no provider's words; an api says it in its own, or in the nearest that it has. */
export type AnswerEnding =
  | 'stop'
  | 'stop-sequence'
  | 'length'
  | 'tool-calls'
  | 'content-filter'
  | 'refusal'
  | 'pause'
  | 'context-length'

/** What a simulated model says; without any of it, what it would have said by itself. */
export interface SimulatedAnswer {
  readonly type: 'answer'
  readonly text?: string
  /** The pieces that a stream sends; their joined text is the answer. */
  readonly pieces?: readonly string[]
  /** Thinking that is shown, where and as the api shows it. */
  readonly reasoning?: string
  /** Instead of the signature that the api would put under its reasoning, where it signs. */
  readonly signature?: string
  readonly refusal?: string
  readonly toolCalls?: readonly SimulatedToolCall[]
  /** Default: what the answer itself says (`tool-calls`, `stop`). A limit that cuts it says `length` anyway. */
  readonly ending?: AnswerEnding
  /** The wire's own word, sent as it is: `content_filter`. */
  readonly finishReason?: string
  /** What the further choices say when several are asked for; else they say the same. */
  readonly otherChoices?: readonly SimulatedChoice[]
  /** How many of the prompt's tokens came from the cache; default 0. */
  readonly cachedTokens?: number
  /** How many were written to the cache: for the api's usual lifetime, or by lifetime (`{ '1h': 200 }`); default 0. */
  readonly cacheWriteTokens?: number | Readonly<Record<string, number>>
}

/** What one of several choices says. */
export type SimulatedChoice = Omit<SimulatedAnswer, 'otherChoices' | 'cachedTokens' | 'cacheWriteTokens'>

/** Decides an answer for one request; `undefined` leaves it to the simulator. */
export type ReplyFunction = (
  request: MessageRequest,
) => string | SimulatedAnswer | undefined | Promise<string | SimulatedAnswer | undefined>
