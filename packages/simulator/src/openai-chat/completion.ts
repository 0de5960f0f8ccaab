import type { AnswerEnding } from '../answer.ts'
import type { GeneratedAnswer, GeneratedUsage } from '../generated-answer.ts'
import type { GeneratedChoice } from '../generation.ts'

/** An answer as it was made, before it is put on the wire. */
export interface Completion extends GeneratedAnswer {
  /** `chatcmpl-...`. */
  readonly id: string
  /** Seconds since 1970. */
  readonly created: number
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

export function encodedUsage(usage: GeneratedUsage): object {
  const written = Object.values(usage.cacheWriteTokens).reduce((sum, tokens) => sum + tokens, 0)
  return {
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
    prompt_tokens_details: {
      cached_tokens: usage.cachedTokens,
      ...(written > 0 && { cache_write_tokens: written }),
      audio_tokens: 0,
    },
    completion_tokens_details: {
      reasoning_tokens: usage.reasoningTokens,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  }
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
