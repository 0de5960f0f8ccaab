import type { SimulatedAnswer, SimulatedToolCall } from './answer.ts'
import { tokensOf } from './token-count.ts'

/** A block of an answer, in the pieces that a stream sends. */
export type GeneratedBlock =
  | { readonly type: 'reasoning' | 'text' | 'refusal'; readonly pieces: readonly string[] }
  | { readonly type: 'tool-call'; readonly id: string; readonly name: string; readonly pieces: readonly string[] }

/** One choice as it was made, cut where a limit or a stop sequence cut it. */
export interface GeneratedChoice {
  readonly blocks: readonly GeneratedBlock[]
  /** What ended it, in no dialect's words, or the wire's own word where the answer says one. */
  readonly ended: 'stop' | 'length' | 'tool-calls' | { readonly word: string }
  /** Without hidden reasoning. */
  readonly tokens: number
}

export interface GenerationLimits {
  /** Tokens left for what can be seen. */
  readonly maxTokens: number
  readonly stop: readonly string[]
  /** Makes the id of the n-th call. */
  readonly callId: (index: number) => string
}

/** Says an answer under limits, as a model would: what is cut is cut anywhere, JSON and arguments too. */
export function generate(answer: Omit<SimulatedAnswer, 'otherChoices'>, limits: GenerationLimits): GeneratedChoice {
  const text = answer.pieces ?? tokensOf(answer.text ?? '')
  const stopped = untilStop(text, limits.stop)
  const whole: GeneratedBlock[] = []
  if (answer.reasoning !== undefined) whole.push({ type: 'reasoning', pieces: tokensOf(answer.reasoning) })
  if (stopped.pieces.length > 0) whole.push({ type: 'text', pieces: stopped.pieces })
  if (answer.refusal !== undefined) whole.push({ type: 'refusal', pieces: tokensOf(answer.refusal) })
  const calls = stopped.hit ? [] : (answer.toolCalls ?? [])
  for (const [index, call] of calls.entries()) whole.push(callBlock(call, limits.callId(index)))
  const { blocks, tokens, cut } = withinLimit(whole, limits.maxTokens)
  const natural = calls.length > 0 ? 'tool-calls' : 'stop'
  const said = answer.finishReason === undefined ? natural : { word: answer.finishReason }
  return { blocks, tokens, ended: cut ? 'length' : said }
}

function callBlock(call: SimulatedToolCall, id: string): GeneratedBlock {
  const text = typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments)
  return { type: 'tool-call', id: call.id ?? id, name: call.name, pieces: tokensOf(text) }
}

function untilStop(
  pieces: readonly string[],
  stop: readonly string[],
): { readonly pieces: readonly string[]; readonly hit: boolean } {
  if (stop.length === 0) return { pieces, hit: false }
  const text = pieces.join('')
  const places = stop.filter(sequence => sequence !== '').map(sequence => text.indexOf(sequence))
  const at = Math.min(...places.filter(place => place >= 0))
  if (at === Number.POSITIVE_INFINITY) return { pieces, hit: false }
  const kept: string[] = []
  let length = 0
  for (const piece of pieces) {
    if (length >= at) break
    kept.push(piece.slice(0, at - length))
    length += piece.length
  }
  return { pieces: kept, hit: true }
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
