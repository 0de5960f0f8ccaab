import type { FinishReason, JsonObject, MessageChunk, Usage } from '../contract/index.ts'

export interface AnswerOptions {
  /** `provider/model`; default `scripted/model`. */
  readonly model?: string
  readonly id?: string
  readonly usage?: Usage
  readonly reason?: FinishReason
}

/** The chunks of an answer of one text; of several strings each is a delta of its own. */
export function textAnswer(text: string | readonly string[], options: AnswerOptions = {}): MessageChunk[] {
  const pieces = typeof text === 'string' ? [text] : text
  return answer(options, 'stop', [
    { type: 'text-start', id: 0 },
    ...pieces.map(piece => ({ type: 'text-delta' as const, id: 0, text: piece })),
    { type: 'text-end', id: 0, complete: options.reason !== 'length' },
  ])
}

/** The chunks of an answer that calls one tool. */
export function toolCallAnswer(name: string, input: JsonObject, options: AnswerOptions = {}): MessageChunk[] {
  return answer(options, 'tool-calls', [
    { type: 'tool-call-start', id: 0, callId: 'call_1', name },
    { type: 'tool-call-delta', id: 0, text: JSON.stringify(input) },
    { type: 'tool-call-end', id: 0, complete: true, input },
  ])
}

/** Tokens counted plainly: nothing cached, nothing thought. */
export function plainUsage(input: number, output: number): Usage {
  return { input: { uncached: input, cacheRead: 0, cacheWrite: {} }, output: { text: output, reasoning: 0 } }
}

function answer(options: AnswerOptions, reason: FinishReason, blocks: readonly MessageChunk[]): MessageChunk[] {
  return [
    { type: 'start', model: options.model ?? 'scripted/model', ...(options.id !== undefined && { id: options.id }) },
    ...blocks,
    { type: 'finish', reason: options.reason ?? reason, ...(options.usage && { usage: options.usage }) },
  ]
}
