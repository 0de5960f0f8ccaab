import type { JsonObject } from '@switchyard/core/contract'
import type { ConversationEncoding } from './encode-messages.ts'
import type { Turn } from './turns.ts'

/** The conversation with the beginning and the end that the server wants. */
export function finishedConversation(turns: readonly Turn[], encoding: ConversationEncoding): readonly Turn[] {
  const begun = startedByUser(turns, encoding)
  const last = begun.at(-1)
  const text = last?.role === 'assistant' ? lastText(last) : undefined
  if (last === undefined || text === undefined) return begun
  if (encoding.prefill === false) {
    encoding.dropped.add(
      'messages',
      'the model does not go on from the last words of the assistant; a message of the user asks it to',
    )
    return [...begun, { role: 'user', content: 'Continue.', extra: {} }]
  }
  return text === text.trimEnd() ? begun : [...begun.slice(0, -1), withLastText(last, text.trimEnd())]
}

function startedByUser(turns: readonly Turn[], { dropped }: ConversationEncoding): readonly Turn[] {
  if (turns[0]?.role === 'user') return turns
  dropped.add('messages', 'a conversation begins with a message of the user; one is added')
  return [{ role: 'user', content: 'Begin.', extra: {} }, ...turns]
}

/** What a message of the wire says, whoever built it. */
export type WireMessage = Pick<Turn, 'role' | 'content'>

/** What the assistant said since the user last spoke, where it ended with calls of tools; nothing where it did not. */
export function lastTurnOfCalls(messages: readonly WireMessage[]): readonly WireMessage[] {
  let from = messages.findLastIndex(({ role }) => role === 'assistant')
  const last = messages[from]
  if (last === undefined || !holds(last, 'tool_use')) return []
  const turn = [last]
  // a model that thinks once in a turn goes on with calls alone after the results
  while (isResults(messages[from - 1]) && messages[from - 2] !== undefined) {
    from -= 2
    turn.push(messages[from] as WireMessage)
  }
  return turn
}

export function beginsWithThinking({ content }: WireMessage): boolean {
  const type = typeof content === 'string' ? 'text' : content[0]?.type
  return type === 'thinking' || type === 'redacted_thinking'
}

function holds({ content }: WireMessage, type: string): boolean {
  return typeof content !== 'string' && content.some(block => block.type === type)
}

function isResults(message: WireMessage | undefined): boolean {
  if (message?.role !== 'user' || typeof message.content === 'string') return false
  return message.content.every(block => block.type === 'tool_result')
}

/** The text that a message ends with; `undefined` where it ends with something else. */
export function lastText({ content }: WireMessage): string | undefined {
  if (typeof content === 'string') return content
  const { type, text } = content.at(-1) ?? {}
  return type === 'text' && typeof text === 'string' ? text : undefined
}

// what the server refuses to go on from
function withLastText(turn: Turn, text: string): Turn {
  const { content } = turn
  if (typeof content === 'string') return { ...turn, content: text }
  return { ...turn, content: [...content.slice(0, -1), { ...(content.at(-1) as JsonObject), text }] }
}
