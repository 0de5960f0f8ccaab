import type { AnswerEnding } from '../answer.ts'
import type { GeneratedAnswer, GeneratedUsage } from '../generated-answer.ts'
import type { GeneratedBlock } from '../generation.ts'
import type { Json } from '../json-value.ts'
import { itemId } from './item-ids.ts'
import { sealedReasoning } from './sealed-reasoning.ts'

// written by hand from OpenAI's reference and not with our dialect: what is tested by the simulator
// must not be what the simulator is made of, or mistakes would cancel out

/** An answer as it was made, before it is put on the wire. */
export interface MadeResponse {
  readonly generated: GeneratedAnswer
  /** `resp_...`. */
  readonly id: string
  /** Seconds since 1970. */
  readonly created: number
  /** What was asked, which a response repeats. */
  readonly body: Json
  readonly items: readonly MadeItem[]
  /** Whether usage may be told. */
  readonly tellsUsage: boolean
  readonly marked: boolean
}

/** One item of the output; parts of a message with the pieces that a stream tells. */
export type MadeItem = { readonly id: string; readonly cut: boolean } & (
  | { readonly type: 'reasoning'; readonly pieces: readonly string[]; readonly sealed: string }
  | { readonly type: 'message'; readonly parts: readonly MadePart[] }
  | {
      readonly type: 'function_call'
      readonly callId: string
      readonly name: string
      readonly pieces: readonly string[]
    }
)

export interface MadePart {
  readonly type: 'output_text' | 'refusal'
  readonly pieces: readonly string[]
}

/** The items of an answer: hidden reasoning is one without words. */
export function madeItems(generated: GeneratedAnswer): readonly MadeItem[] {
  const [{ blocks, cut }] = generated.choices
  const groups: GeneratedBlock[][] = []
  for (const block of blocks) {
    const last = groups.at(-1)
    if (isSpoken(block) && last !== undefined && isSpoken(last[0] as GeneratedBlock)) last.push(block)
    else groups.push([block])
  }
  const hidden = generated.usage.reasoningTokens > 0 && blocks[0]?.type !== 'reasoning'
  if (hidden) groups.unshift([{ type: 'reasoning', pieces: [] }])
  return groups.map((group, index) => {
    const after = groups[index - 1]?.[0]?.type === 'reasoning'
    return madeItem(group as [GeneratedBlock], index, after, cut && index === groups.length - 1, generated)
  })
}

function isSpoken(block: GeneratedBlock): boolean {
  return block.type === 'text' || block.type === 'refusal'
}

function madeItem(
  group: readonly [GeneratedBlock, ...GeneratedBlock[]],
  index: number,
  after: boolean,
  cut: boolean,
  { seed, usage }: GeneratedAnswer,
): MadeItem {
  const [first] = group
  if (first.type === 'reasoning') {
    const id = itemId('rs', seed, index, false)
    // sealed whether or not `include` asks for it
    const sealed = first.signature ?? sealedReasoning(id, usage.reasoningTokens)
    return { type: 'reasoning', id, cut, pieces: first.pieces, sealed }
  }
  if (first.type === 'tool-call') {
    const { id: callId, name, pieces } = first
    return { type: 'function_call', id: itemId('fc', seed, index, after), cut, callId, name, pieces }
  }
  const parts = group.map(({ type, pieces }) => ({
    type: type === 'refusal' ? ('refusal' as const) : ('output_text' as const),
    pieces,
  }))
  return { type: 'message', id: itemId('msg', seed, index, after), cut, parts }
}

/** An item as it is when it is whole. */
export function wholeItem(item: MadeItem): Json {
  const status = item.cut ? 'incomplete' : 'completed'
  switch (item.type) {
    case 'reasoning':
      return {
        id: item.id,
        type: 'reasoning',
        summary: item.pieces.length > 0 ? [{ type: 'summary_text', text: item.pieces.join('') }] : [],
        encrypted_content: item.sealed,
        ...(item.cut && { status }),
      }
    case 'message':
      return { id: item.id, type: 'message', status, role: 'assistant', content: item.parts.map(wholePart) }
    case 'function_call': {
      const { id, callId, name, pieces } = item
      return { id, type: 'function_call', status, call_id: callId, name, arguments: pieces.join('') }
    }
  }
}

export function wholePart({ type, pieces }: MadePart): Json {
  const text = pieces.join('')
  return type === 'refusal' ? { type, refusal: text } : { type, annotations: [], logprobs: [], text }
}

const incomplete: Partial<Readonly<Record<AnswerEnding, string>>> = {
  length: 'max_output_tokens',
  'context-length': 'max_output_tokens',
  'content-filter': 'content_filter',
}

/** How the answer ended: a word that a script says is the reason why it is incomplete. */
function ending({ choices: [{ ended }] }: GeneratedAnswer): { readonly status: string; readonly reason?: string } {
  const reason = typeof ended === 'object' ? ended.word : incomplete[ended]
  if (reason === undefined || reason === 'completed') return { status: 'completed' }
  return reason === 'cancelled' ? { status: reason } : { status: 'incomplete', reason }
}

/** The response as it is in the end, or, with the status `in_progress`, as it begins. */
export function responseBody(made: MadeResponse, begins = false): Json {
  const { body, generated } = made
  const { status, reason } = begins ? { status: 'in_progress', reason: undefined } : ending(generated)
  const usage = !begins && made.tellsUsage ? encodedUsage(generated.usage) : null
  return {
    id: made.id,
    object: 'response',
    created_at: made.created,
    status,
    background: false,
    error: null,
    incomplete_details: reason === undefined ? null : { reason },
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    max_tool_calls: body.max_tool_calls ?? null,
    model: generated.modelName,
    output: begins ? [] : made.items.map(wholeItem),
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    previous_response_id: body.previous_response_id ?? null,
    prompt_cache_key: body.prompt_cache_key ?? null,
    reasoning: { effort: null, summary: null, ...(body.reasoning as Json | undefined) },
    safety_identifier: body.safety_identifier ?? null,
    service_tier: 'default',
    store: body.store ?? true,
    temperature: body.temperature ?? 1,
    text: { format: { type: 'text' }, verbosity: 'medium', ...(body.text as Json | undefined) },
    tool_choice: body.tool_choice ?? 'auto',
    tools: body.tools ?? [],
    top_logprobs: body.top_logprobs ?? 0,
    top_p: body.top_p ?? 1,
    truncation: body.truncation ?? 'disabled',
    usage,
    user: body.user ?? null,
    metadata: body.metadata ?? {},
    ...(made.marked && { simulated: true }),
  }
}

function encodedUsage({ inputTokens, cachedTokens, cacheWriteTokens, outputTokens, reasoningTokens }: GeneratedUsage) {
  const written = Object.values(cacheWriteTokens).reduce((sum, tokens) => sum + tokens, 0)
  const { '30m': short = 0, '12h': long = 0 } = cacheWriteTokens
  return {
    input_tokens: inputTokens,
    input_tokens_details: {
      cached_tokens: cachedTokens,
      cache_write_tokens: written,
      ...(short + long > 0 && { cache_write_tokens_details: { ttl_30m_tokens: short, ttl_12h_tokens: long } }),
    },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: reasoningTokens },
    total_tokens: inputTokens + outputTokens,
  }
}
