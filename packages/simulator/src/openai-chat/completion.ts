import type { GeneratedChoice } from '../generation.ts'

/** An answer as it was made, before it is put on the wire. */
export interface Completion {
  /** `chatcmpl-...`. */
  readonly id: string
  /** Seconds since 1970. */
  readonly created: number
  readonly model: string
  readonly choices: readonly GeneratedChoice[]
  readonly usage: CompletionUsage
  readonly logprobs: boolean
  readonly topLogprobs: number
  /** Says `"simulated": true`. */
  readonly marked: boolean
}

export interface CompletionUsage {
  readonly inputTokens: number
  readonly cachedTokens: number
  readonly reasoningTokens: number
  /** Reasoning included. */
  readonly outputTokens: number
}

/** The wire's word for how a choice ended. */
export function finishReason(choice: GeneratedChoice): string {
  if (typeof choice.ended === 'object') return choice.ended.word
  return choice.ended === 'tool-calls' ? 'tool_calls' : choice.ended
}

export function encodedUsage(usage: CompletionUsage): object {
  return {
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
    prompt_tokens_details: { cached_tokens: usage.cachedTokens, audio_tokens: 0 },
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
