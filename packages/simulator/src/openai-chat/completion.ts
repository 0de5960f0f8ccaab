import type { AnswerEnding } from '../answer.ts'
import type { GeneratedAnswer } from '../generated-answer.ts'
import type { GeneratedChoice } from '../generation.ts'
import type { ChatFlavour } from '../openai/openai-flavour.ts'

/** An answer as it was made, before it is put on the wire. */
export interface Completion extends GeneratedAnswer {
  /** `chatcmpl-...`. */
  readonly id: string
  /** Seconds since 1970. */
  readonly created: number
  readonly chat: ChatFlavour
  /** The field of what is thought. */
  readonly thinkingField: 'reasoning' | 'reasoning_content'
  /** Whether usage may be told. */
  readonly tellsUsage: boolean
  readonly requestId: string
  readonly logprobs: boolean
  readonly topLogprobs: number
  /** Says `"simulated": true`. */
  readonly marked: boolean
}

const finishReasons: Readonly<Record<AnswerEnding, string>> = {
  stop: 'stop',
  'stop-sequence': 'stop',
  length: 'length',
  'context-length': 'length',
  'tool-calls': 'tool_calls',
  'content-filter': 'content_filter',
  // refusals have a field of their own
  refusal: 'stop',
  pause: 'stop',
}

/** The wire's word for how a choice ended. */
export function finishReason({ ended }: GeneratedChoice): string {
  return typeof ended === 'object' ? ended.word : finishReasons[ended]
}

/** Invented, but always the same for the same token. */
export function encodedLogprobs(tokens: readonly string[], alternatives: number): object[] {
  return tokens.map((token, index) => ({
    ...logprob(token, -0.01 * ((index % 10) + 1)),
    top_logprobs: Array.from({ length: alternatives }, (_, rank) =>
      logprob(rank === 0 ? token : `${token}~${rank}`, -0.01 * ((index % 10) + 1) - rank),
    ),
  }))
}

function logprob(token: string, value: number): object {
  return { token, logprob: value, bytes: [...Buffer.from(token)] }
}
