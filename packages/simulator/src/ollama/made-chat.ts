import type { GeneratedAnswer } from '../generated-answer.ts'
import type { GeneratedBlock } from '../generation.ts'
import { isObject, type Json } from '../json-value.ts'

/** An answer as it was made, before it is put on the wire. */
export interface MadeChat extends GeneratedAnswer {
  /** Whether the counts are told. */
  readonly tellsUsage: boolean
  /** Says `"simulated": true`. */
  readonly marked: boolean
}

type Call = Extract<GeneratedBlock, { readonly type: 'tool-call' }>

/** A call of the model's; `undefined` for what it wrote in place of one, which the server takes for text. */
export function encodedCall({ id, name, pieces }: Call, index: number): Json | undefined {
  try {
    const given: unknown = JSON.parse(pieces.join('') || '{}')
    return isObject(given) ? { id, function: { index, name, arguments: given } } : undefined
  } catch {
    return undefined
  }
}

/** How the answer ended: the server knows two words. */
export function doneReason({ choices: [{ ended }] }: MadeChat): string {
  if (typeof ended === 'object') return ended.word
  return ended === 'length' || ended === 'context-length' ? 'length' : 'stop'
}

/** The counts, and nanoseconds that a real server would have taken for them. */
export function encodedMetrics({ usage, tellsUsage }: MadeChat): Json {
  const prompt = usage.inputTokens * 1_000_000
  const made = usage.outputTokens * 10_000_000
  return {
    total_duration: 1_000_000 + prompt + made,
    load_duration: 1_000_000,
    ...(tellsUsage && { prompt_eval_count: usage.inputTokens }),
    prompt_eval_duration: prompt,
    ...(tellsUsage && { eval_count: usage.outputTokens }),
    eval_duration: made,
  }
}

/** The log probabilities of a piece of text, where they were asked for: invented, and the same for the same token. */
export function encodedLogprobs(token: string, alternatives: number): readonly Json[] {
  const bytes = [...Buffer.from(token)]
  const others = Array.from({ length: alternatives }, (_, rank) => ({
    token: rank === 0 ? token : `${token}~${rank}`,
    logprob: -0.01 - rank,
  }))
  return [{ token, logprob: -0.01, bytes, ...(alternatives > 0 && { top_logprobs: others }) }]
}
