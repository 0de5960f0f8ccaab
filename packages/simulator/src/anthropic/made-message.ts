import type { AnswerEnding } from '../answer.ts'
import type { GeneratedAnswer, GeneratedUsage } from '../generated-answer.ts'
import type { GeneratedBlock, GeneratedChoice } from '../generation.ts'
import { thinkingSignature } from './thinking-signature.ts'

/** An answer as it was made, before it is put on the wire. */
export interface MadeMessage extends GeneratedAnswer {
  /** Thinking is signed and not shown. */
  readonly omitted: boolean
  /** Whether the usage is told. */
  readonly tellsUsage: boolean
  /** Says `"simulated": true`. */
  readonly marked: boolean
}

const stopReasons: Readonly<Record<AnswerEnding, string>> = {
  stop: 'end_turn',
  'stop-sequence': 'stop_sequence',
  length: 'max_tokens',
  'context-length': 'model_context_window_exceeded',
  'tool-calls': 'tool_use',
  'content-filter': 'refusal',
  refusal: 'refusal',
  pause: 'pause_turn',
}

/** How a message ended, in the wire's words. */
export function encodedStop({ choices: [choice] }: MadeMessage): object {
  const stop_reason = stopReason(choice)
  const explanation = choice.blocks.find(block => block.type === 'refusal')?.pieces.join('') ?? null
  return {
    stop_reason,
    stop_sequence: choice.stopSequence ?? null,
    stop_details: stop_reason === 'refusal' ? { type: 'refusal', category: null, explanation } : null,
  }
}

function stopReason({ ended, blocks }: GeneratedChoice): string {
  if (typeof ended === 'object') return ended.word
  const refused = ended === 'stop' && blocks.some(block => block.type === 'refusal')
  return stopReasons[refused ? 'refusal' : ended]
}

/** The message as it is before it says anything. */
export function emptyMessage(message: MadeMessage): object {
  return {
    id: `msg_sim_${message.seed}`,
    type: 'message',
    role: 'assistant',
    model: message.modelName,
    content: [],
    container: null,
    diagnostics: null,
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    ...(message.marked && { simulated: true }),
  }
}

/** The usage of a whole answer, or (`begun`) of one that has hardly begun. */
export function encodedUsage(usage: GeneratedUsage, begun = false): object {
  const { '5m': short = 0, '1h': long = 0 } = usage.cacheWriteTokens
  return {
    ...encodedDeltaUsage(begun ? { ...usage, outputTokens: 1, reasoningTokens: 0 } : usage),
    cache_creation: { ephemeral_5m_input_tokens: short, ephemeral_1h_input_tokens: long },
    service_tier: 'standard',
    inference_geo: null,
    speed: null,
  }
}

/** The usage so far, as the end of a stream tells it. The input leaves out what was read from the cache or written to it. */
export function encodedDeltaUsage(usage: GeneratedUsage): object {
  const written = Object.values(usage.cacheWriteTokens).reduce((sum, tokens) => sum + tokens, 0)
  return {
    input_tokens: usage.inputTokens - usage.cachedTokens - written,
    cache_creation_input_tokens: written,
    cache_read_input_tokens: usage.cachedTokens,
    output_tokens: usage.outputTokens,
    output_tokens_details: usage.reasoningTokens > 0 ? { thinking_tokens: usage.reasoningTokens } : null,
    server_tool_use: null,
  }
}

type Reasoning = Extract<GeneratedBlock, { readonly type: 'reasoning' }>

/** The thinking that is shown, and what is under it; what a limit cut is not signed. */
export function signedThinking(block: Reasoning, message: MadeMessage) {
  const thinking = message.omitted ? '' : block.pieces.join('')
  const [choice] = message.choices
  const cut = choice.cut && choice.blocks.at(-1) === block
  const signature = block.signature ?? thinkingSignature(message.modelName, thinking, message.seed)
  return { thinking, signature: cut ? '' : signature }
}
