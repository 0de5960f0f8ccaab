import type { JsonObject, MessageRequest } from '@switchyard/core/contract'

/** A call that the simulated model makes; `arguments` as text is sent as it is, valid or not. */
export interface SimulatedToolCall {
  readonly name: string
  readonly arguments: JsonObject | string
  readonly id?: string
}

/** What a simulated model says; without any of it, what it would have said by itself. */
export interface SimulatedAnswer {
  readonly type: 'answer'
  readonly text?: string
  /** The pieces that a stream sends; their joined text is the answer. */
  readonly pieces?: readonly string[]
  /** Thinking that is shown, as servers other than OpenAI's do (`reasoning_content`). */
  readonly reasoning?: string
  readonly refusal?: string
  readonly toolCalls?: readonly SimulatedToolCall[]
  /** The wire's own word: `content_filter`. */
  readonly finishReason?: string
  /** What the further choices say when several are asked for; else they say the same. */
  readonly otherChoices?: readonly Omit<SimulatedAnswer, 'otherChoices' | 'cachedTokens'>[]
  /** How many of the prompt's tokens came from the cache; default 0. */
  readonly cachedTokens?: number
}

/** Decides an answer for one request; `undefined` leaves it to the simulator. */
export type ReplyFunction = (
  request: MessageRequest,
) => string | SimulatedAnswer | undefined | Promise<string | SimulatedAnswer | undefined>
