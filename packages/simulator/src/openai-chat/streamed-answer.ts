import { serverSentEvent } from '../framing.ts'
import type { GeneratedBlock, GeneratedChoice } from '../generation.ts'
import type { ChatFlavour } from '../openai/openai-flavour.ts'
import type { ReplyPiece } from '../reply.ts'
import { type Completion, encodedLogprobs, finishReason } from './completion.ts'

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
  const { chat } = completion
  const head = headOf(completion)
  const ends = chat.ends?.(completion, completion.requestId, completion.tellsUsage)
  const pieces: ReplyPiece[] = []
  const push = (piece: Omit<ReplyPiece, 'text'>, rest: object) =>
    pieces.push({ ...piece, text: serverSentEvent(JSON.stringify({ ...head, ...rest })) })
  const event = (piece: Omit<ReplyPiece, 'text'>, choice: object, further: object = {}) =>
    push(piece, {
      choices: [choice],
      ...further,
      ...(options.usage && chat.padded && { usage: null }),
      ...(options.obfuscation && { obfuscation: padding(pieces.length) }),
    })
  for (const [index, choice] of completion.choices.entries()) {
    event(
      silent,
      { index, delta: firstDelta(choice, chat), ...chat.emptyChoiceFields, finish_reason: null },
      ends?.first,
    )
  }
  // several choices come mixed, as they are made side by side
  const deltas = completion.choices.map(choice => choiceDeltas(choice, completion, options))
  for (let step = 0; step < Math.max(...deltas.map(list => list.length)); step++) {
    for (const [index, list] of deltas.entries()) {
      const next = list[step]
      if (next === undefined) continue
      const { delta, tokens, reasoningTokens } = next
      const content = next.logprobs && completion.logprobs && encodedLogprobs(next.logprobs, completion.topLogprobs)
      const further = content ? { logprobs: { content, refusal: null } } : chat.emptyChoiceFields
      event({ role: 'content', tokens, reasoningTokens }, { index, delta, ...further, finish_reason: null })
    }
  }
  for (const [index, choice] of completion.choices.entries()) {
    const finish_reason = finishReason(choice)
    event({ role: 'finish', tokens: 0 }, { index, delta: {}, ...chat.emptyChoiceFields, finish_reason }, ends?.last)
  }
  if (options.usage) push({ role: 'usage', tokens: 0 }, { choices: [], usage: chat.usage(completion.usage) })
  pieces.push({ role: 'terminator', tokens: 0, text: serverSentEvent('[DONE]') })
  return pieces
}

/** The end of a stream that looks well and holds an error. */
export function eventWithError(completion: Completion, error: object): string {
  const choice = { index: 0, delta: {}, ...completion.chat.emptyChoiceFields, finish_reason: 'stop' }
  const event = { ...headOf(completion), choices: [choice], ...error }
  return serverSentEvent(JSON.stringify(event)) + serverSentEvent('[DONE]')
}

function headOf({ id, created, modelName, chat, marked }: Completion): object {
  const object = 'chat.completion.chunk'
  return { id, object, created, model: modelName, ...chat.head, ...(marked && { simulated: true }) }
}

const silent = { role: 'content', tokens: 0 } as const

function firstDelta(choice: GeneratedChoice, chat: ChatFlavour): Delta {
  const content = choice.blocks.some(block => block.type === 'tool-call') ? null : ''
  return { role: 'assistant', content, ...chat.emptyFields }
}

interface ChoiceDelta {
  readonly delta: Delta
  readonly tokens: number
  readonly reasoningTokens: number
  readonly logprobs?: readonly string[]
}

function choiceDeltas(
  choice: GeneratedChoice,
  completion: Completion,
  options: StreamedAnswerOptions,
): readonly ChoiceDelta[] {
  const calls = choice.blocks.filter(block => block.type === 'tool-call')
  const texts = choice.blocks.flatMap(block => (block.type === 'tool-call' ? [] : textDeltas(block, completion)))
  if (completion.chat.wholeCalls && options.callIndex) return [...texts, ...callsTogether(calls)]
  return [...texts, ...calls.flatMap((call, index) => callDeltas(call, index, options))]
}

type TextBlock = Exclude<GeneratedBlock, { readonly type: 'tool-call' }>
type CallBlock = Extract<GeneratedBlock, { readonly type: 'tool-call' }>

function textDeltas(block: TextBlock, { chat, thinkingField }: Completion): readonly ChoiceDelta[] {
  const further = block.type === 'reasoning' ? chat.thinkingFields : undefined
  const field = { text: 'content', refusal: 'refusal', reasoning: thinkingField }[block.type]
  return block.pieces.map(piece => ({
    delta: { [field]: piece, ...further },
    tokens: 1,
    reasoningTokens: block.type === 'reasoning' ? 1 : 0,
    ...(block.type === 'text' && { logprobs: [piece] }),
  }))
}

function callsTogether(calls: readonly CallBlock[]): readonly ChoiceDelta[] {
  if (calls.length === 0) return []
  const tool_calls = calls.map(({ id, name, pieces }, index) => ({
    index,
    id,
    type: 'function',
    function: { name, arguments: pieces.join('') },
  }))
  const tokens = calls.reduce((sum, { pieces }) => sum + pieces.length, 0)
  return [{ delta: { tool_calls }, tokens, reasoningTokens: 0 }]
}

function callDeltas(block: CallBlock, index: number, options: StreamedAnswerOptions): readonly ChoiceDelta[] {
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
