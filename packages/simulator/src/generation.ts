import type { AnswerEnding, SimulatedChoice, SimulatedToolCall } from './answer.ts'
import { tokensOf } from './token-count.ts'

/** A block of an answer, in the pieces that a stream sends. */
export type GeneratedBlock =
  | { readonly type: 'text' | 'refusal'; readonly pieces: readonly string[] }
  /** `signature` is what the script says instead of the api's own. */
  | { readonly type: 'reasoning'; readonly pieces: readonly string[]; readonly signature?: string }
  | { readonly type: 'tool-call'; readonly id: string; readonly name: string; readonly pieces: readonly string[] }

/** One choice as it was made, cut where a limit or a stop sequence cut it. */
export interface GeneratedChoice {
  readonly blocks: readonly GeneratedBlock[]
  /** What ended it, in no dialect's words, or the wire's own word where the answer says one. */
  readonly ended: AnswerEnding | { readonly word: string }
  /** The stop sequence that ended it. */
  readonly stopSequence?: string
  /** Shown reasoning included, hidden reasoning not. */
  readonly tokens: number
  /** Whether the last block was cut by a limit. */
  readonly cut: boolean
}

export interface GenerationLimits {
  /** Tokens left for what can be seen. */
  readonly maxTokens: number
  /** What it is called when they run out; default `length`. */
  readonly cutBy?: 'length' | 'context-length'
  readonly stop: readonly string[]
  /** Makes the id of the n-th call. */
  readonly callId: (index: number) => string
}

/** Says an answer under limits, as a model would: what is cut is cut anywhere, JSON and arguments too. */
export function generate(answer: SimulatedChoice, limits: GenerationLimits): GeneratedChoice {
  const text = answer.pieces ?? tokensOf(answer.text ?? '')
  const stopped = untilStop(text, limits.stop)
  const whole: GeneratedBlock[] = []
  if (answer.reasoning !== undefined) whole.push(reasoningBlock(answer.reasoning, answer.signature))
  if (stopped.pieces.length > 0) whole.push({ type: 'text', pieces: stopped.pieces })
  if (answer.refusal !== undefined) whole.push({ type: 'refusal', pieces: tokensOf(answer.refusal) })
  const hit = stopped.sequence !== undefined
  const calls = hit ? [] : (answer.toolCalls ?? [])
  for (const [index, call] of calls.entries()) whole.push(callBlock(call, limits.callId(index)))
  const { blocks, tokens, cut } = withinLimit(whole, limits.maxTokens)
  if (cut) return { blocks, tokens, cut, ended: limits.cutBy ?? 'length' }
  const natural = calls.length > 0 ? 'tool-calls' : hit ? 'stop-sequence' : 'stop'
  const ended = answer.finishReason === undefined ? (answer.ending ?? natural) : { word: answer.finishReason }
  return { blocks, tokens, cut, ended, ...(hit && { stopSequence: stopped.sequence }) }
}

/** How many tokens of a choice are reasoning that is shown. */
export function shownReasoningTokens(choice: GeneratedChoice): number {
  return choice.blocks.reduce((sum, block) => sum + (block.type === 'reasoning' ? block.pieces.length : 0), 0)
}

function reasoningBlock(text: string, signature: string | undefined): GeneratedBlock {
  return { type: 'reasoning', pieces: tokensOf(text), ...(signature !== undefined && { signature }) }
}

function callBlock(call: SimulatedToolCall, id: string): GeneratedBlock {
  const text = typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments)
  return { type: 'tool-call', id: call.id ?? id, name: call.name, pieces: tokensOf(text) }
}

function untilStop(
  pieces: readonly string[],
  stop: readonly string[],
): { readonly pieces: readonly string[]; readonly sequence?: string } {
  if (stop.length === 0) return { pieces }
  const text = pieces.join('')
  let at = Number.POSITIVE_INFINITY
  let sequence = ''
  for (const each of stop) {
    const place = each === '' ? -1 : text.indexOf(each)
    if (place >= 0 && place < at) [at, sequence] = [place, each]
  }
  if (at === Number.POSITIVE_INFINITY) return { pieces }
  const kept: string[] = []
  let length = 0
  for (const piece of pieces) {
    if (length >= at) break
    kept.push(piece.slice(0, at - length))
    length += piece.length
  }
  return { pieces: kept, sequence }
}

function withinLimit(blocks: readonly GeneratedBlock[], maxTokens: number) {
  const kept: GeneratedBlock[] = []
  let left = maxTokens
  let tokens = 0
  for (const block of blocks) {
    if (left <= 0) return { blocks: kept, tokens, cut: true }
    const pieces = block.pieces.slice(0, left)
    kept.push({ ...block, pieces })
    left -= pieces.length
    tokens += pieces.length
    if (pieces.length < block.pieces.length) return { blocks: kept, tokens, cut: true }
  }
  return { blocks: kept, tokens, cut: false }
}
