import { serverSentEvent } from '../framing.ts'
import type { GeneratedBlock, GeneratedChoice } from '../generation.ts'
import type { ReplyPiece } from '../reply.ts'
import { type Completion, encodedLogprobs, encodedUsage, finishReason } from './completion.ts'

export interface StreamedAnswerOptions {
  /** Whether a last event tells the usage. */
  readonly usage: boolean
  /** Whether events are padded, so that their size does not tell what is in them. */
  readonly obfuscation: boolean
  /** A call's arguments in one piece. */
  readonly wholeCalls: boolean
  /** Calls without their `index`. */
  readonly callIndex: boolean
}

type Delta = Readonly<Record<string, unknown>>

/** The events of an answer that was asked for as a stream. */
export function streamedAnswer(completion: Completion, options: StreamedAnswerOptions): readonly ReplyPiece[] {
  const head = {
    id: completion.id,
    object: 'chat.completion.chunk',
    created: completion.created,
    model: completion.modelName,
    service_tier: 'default',
    system_fingerprint: 'fp_sim',
    ...(completion.marked && { simulated: true }),
  }
  const pieces: ReplyPiece[] = []
  const push = (piece: Omit<ReplyPiece, 'text'>, rest: object) =>
    pieces.push({ ...piece, text: serverSentEvent(JSON.stringify({ ...head, ...rest })) })
  const event = (piece: Omit<ReplyPiece, 'text'>, choice: object) =>
    push(piece, {
      choices: [choice],
      ...(options.usage && { usage: null }),
      ...(options.obfuscation && { obfuscation: padding(pieces.length) }),
    })
  for (const [index, choice] of completion.choices.entries()) {
    event(silent, { index, delta: firstDelta(choice), logprobs: null, finish_reason: null })
  }
  // several choices come mixed, as they are made side by side
  const deltas = completion.choices.map(choice => choiceDeltas(choice, options))
  for (let step = 0; step < Math.max(...deltas.map(list => list.length)); step++) {
    for (const [index, list] of deltas.entries()) {
      const next = list[step]
      if (next === undefined) continue
      const { delta, tokens, reasoningTokens } = next
      const content = next.logprobs && completion.logprobs && encodedLogprobs(next.logprobs, completion.topLogprobs)
      const logprobs = content ? { content, refusal: null } : null
      event({ role: 'content', tokens, reasoningTokens }, { index, delta, logprobs, finish_reason: null })
    }
  }
  for (const [index, choice] of completion.choices.entries()) {
    event({ role: 'finish', tokens: 0 }, { index, delta: {}, logprobs: null, finish_reason: finishReason(choice) })
  }
  if (options.usage) push({ role: 'usage', tokens: 0 }, { choices: [], usage: encodedUsage(completion.usage) })
  pieces.push({ role: 'terminator', tokens: 0, text: serverSentEvent('[DONE]') })
  return pieces
}

const silent = { role: 'content', tokens: 0 } as const

function firstDelta(choice: GeneratedChoice): Delta {
  const content = choice.blocks.some(block => block.type === 'tool-call') ? null : ''
  return { role: 'assistant', content, refusal: null }
}

interface ChoiceDelta {
  readonly delta: Delta
  readonly tokens: number
  readonly reasoningTokens: number
  readonly logprobs?: readonly string[]
}

function choiceDeltas(choice: GeneratedChoice, options: StreamedAnswerOptions): readonly ChoiceDelta[] {
  let calls = 0
  return choice.blocks.flatMap(block =>
    block.type === 'tool-call' ? callDeltas(block, calls++, options) : textDeltas(block),
  )
}

const textFields = { text: 'content', refusal: 'refusal', reasoning: 'reasoning_content' } as const

function textDeltas(block: GeneratedBlock & { readonly type: keyof typeof textFields }): readonly ChoiceDelta[] {
  const field = textFields[block.type]
  return block.pieces.map(piece => ({
    delta: { [field]: piece },
    tokens: 1,
    reasoningTokens: block.type === 'reasoning' ? 1 : 0,
    ...(block.type === 'text' && { logprobs: [piece] }),
  }))
}

function callDeltas(
  block: GeneratedBlock & { readonly type: 'tool-call' },
  index: number,
  options: StreamedAnswerOptions,
): readonly ChoiceDelta[] {
  const numbered = options.callIndex ? { index } : {}
  const first = (text: string) => ({
    tool_calls: [{ ...numbered, id: block.id, type: 'function', function: { name: block.name, arguments: text } }],
  })
  if (options.wholeCalls || !options.callIndex) {
    return [{ delta: first(block.pieces.join('')), tokens: block.pieces.length, reasoningTokens: 0 }]
  }
  const rest = block.pieces.map(piece => ({
    delta: { tool_calls: [{ index, function: { arguments: piece } }] },
    tokens: 1,
    reasoningTokens: 0,
  }))
  return [{ delta: first(''), tokens: 0, reasoningTokens: 0 }, ...rest]
}

function padding(index: number): string {
  return 'r4N7vQ2mp9K3xW5z'.slice(0, (index * 7) % 16)
}
