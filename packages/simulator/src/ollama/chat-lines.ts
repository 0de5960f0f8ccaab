import type { GeneratedBlock } from '../generation.ts'
import type { Json } from '../json-value.ts'
import type { ReplyPiece } from '../reply.ts'
import { doneReason, encodedCall, encodedLogprobs, encodedMetrics, type MadeChat } from './made-chat.ts'
import { createdAt } from './ollama-account.ts'

// written by hand from the server's source and not with our dialect: what is tested by the simulator
// must not be what the simulator is made of, or mistakes would cancel out

/** How many likelier tokens are told beside each; absent where none are asked for. */
type Alternatives = number | undefined

interface Line {
  readonly message: Json
  readonly tokens: number
  readonly reasoningTokens?: number
  readonly token?: string
}

/** The lines of an answer that was asked for as a stream. */
export function chatLines(chat: MadeChat, alternatives: Alternatives): readonly ReplyPiece[] {
  const told = linesOf(chat).map(({ message, tokens, reasoningTokens = 0, token }): ReplyPiece => {
    const logprobs =
      alternatives === undefined || token === undefined ? {} : { logprobs: encodedLogprobs(token, alternatives) }
    return { ...line(chat, message, { done: false, ...logprobs }), role: 'content', tokens, reasoningTokens }
  })
  const end = { done: true, done_reason: doneReason(chat), ...encodedMetrics(chat) }
  return [...told, { ...line(chat, { content: '' }, end), role: 'terminator', tokens: 0 }]
}

/** The body of an answer that was asked for whole. */
export function chatBody(chat: MadeChat, alternatives: Alternatives): readonly ReplyPiece[] {
  const lines = linesOf(chat)
  const text = (field: string) => lines.map(({ message }) => message[field] ?? '').join('')
  const calls = lines.flatMap(({ message }) => (message.tool_calls as readonly Json[] | undefined) ?? [])
  const tokens = lines.flatMap(({ token }) => token ?? [])
  const message = {
    content: text('content'),
    ...(text('thinking') !== '' && { thinking: text('thinking') }),
    ...(calls.length > 0 && { tool_calls: calls }),
  }
  const end = {
    done: true,
    done_reason: doneReason(chat),
    ...(alternatives !== undefined && { logprobs: tokens.flatMap(token => encodedLogprobs(token, alternatives)) }),
    ...encodedMetrics(chat),
  }
  const sum = (count: (line: Line) => number) => lines.reduce((total, each) => total + count(each), 0)
  const counted = { tokens: sum(each => each.tokens), reasoningTokens: sum(each => each.reasoningTokens ?? 0) }
  return [{ text: line(chat, message, end).text.trimEnd(), role: 'content', ...counted }]
}

function line({ modelName, marked }: MadeChat, message: Json, rest: Json): { readonly text: string } {
  const head = { model: modelName, created_at: createdAt() }
  const told = { ...head, message: { role: 'assistant', ...message }, ...rest, ...(marked && { simulated: true }) }
  return { text: `${JSON.stringify(told)}\n` }
}

function linesOf({ choices: [choice] }: MadeChat): readonly Line[] {
  let calls = 0
  return choice.blocks.flatMap((block): readonly Line[] => {
    if (block.type !== 'tool-call') return textLines(block)
    const call = encodedCall(block, calls)
    if (call === undefined) return textLines({ type: 'text', pieces: block.pieces })
    calls++
    return [{ message: { content: '', tool_calls: [call] }, tokens: block.pieces.length }]
  })
}

function textLines(block: Exclude<GeneratedBlock, { readonly type: 'tool-call' }>): readonly Line[] {
  return block.pieces.map(piece =>
    block.type === 'reasoning'
      ? { message: { content: '', thinking: piece }, tokens: 1, reasoningTokens: 1 }
      : { message: { content: piece }, tokens: 1, token: piece },
  )
}
