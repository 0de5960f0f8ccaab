import { isObject, type Json } from '../json-value.ts'
import { type BlockReading, checkBlock } from './block-rules.ts'
import { InvalidRequest, listAt, objectAt, onlyFields, stringAt } from './refusal.ts'

/** @throws {InvalidRequest} when a message is malformed, or calls and results do not match. */
export function checkMessages(body: Json, model: string, version: string): void {
  const messages = listAt(body.messages, 'messages')
  if (messages.length === 0) throw new InvalidRequest('messages', 'at least one message is required')
  for (const [index, item] of messages.entries()) {
    const message = objectAt(item, `messages.${index}`)
    checkMessage(message, index, index === messages.length - 1, {
      role: roleOf(message, index, version),
      model,
      version,
    })
  }
  const read = messages as readonly Json[]
  for (const index of read.keys()) checkSystemPlace(read, index)
  if (read[0]?.role !== 'user') {
    throw new InvalidRequest('messages', 'first message must use the "user" role')
  }
  checkCallIds(read)
  for (const index of read.keys()) checkResults(read, index)
  checkLast(read.at(-1) as Json)
  if (isObject(body.thinking) && body.thinking.type === 'enabled') checkThinkingFirst(read)
}

function roleOf(message: Json, index: number, version: string): 'user' | 'assistant' | 'system' {
  const role = stringAt(message.role, `messages.${index}.role`)
  if (role === 'user' || role === 'assistant') return role
  if (role === 'system' && version !== '2023-06-01') return role
  const hint =
    role === 'system'
      ? ' The Messages API accepts a top-level `system` parameter, not "system" as an input message role.'
      : ''
  throw new InvalidRequest('messages', `Unexpected role "${role}".${hint}`)
}

// it answers to a message of the user, and the assistant to it
function checkSystemPlace(messages: readonly Json[], index: number): void {
  if (messages[index]?.role !== 'system') return
  const path = `messages.${index}`
  if (index === 0) throw new InvalidRequest(path, "use the top-level 'system' parameter for the initial system prompt")
  const next = messages[index + 1]?.role
  if (messages[index - 1]?.role === 'user' && (next === undefined || next === 'assistant')) return
  const text =
    "a 'system' message must follow a 'user' message, and be the last or be followed by an 'assistant' message"
  throw new InvalidRequest(path, text)
}

function checkMessage(message: Json, index: number, isLast: boolean, reading: BlockReading): void {
  const path = `messages.${index}`
  onlyFields(message, ['role', 'content'], path)
  const { content } = message
  if (typeof content !== 'string') listAt(content, `${path}.content`)
  const said = content as string | readonly unknown[]
  if (said.length === 0 && !(isLast && reading.role === 'assistant')) {
    const message = 'all messages must have non-empty content except for the optional final assistant message'
    throw new InvalidRequest(path, message)
  }
  if (typeof said === 'string') return
  for (const [at, block] of said.entries()) checkBlock(block, `${path}.content.${at}`, reading)
}

function blocksOf(message: Json | undefined, type: string): readonly Json[] {
  const content = message?.content
  return Array.isArray(content) ? content.filter(block => block.type === type) : []
}

function checkCallIds(messages: readonly Json[]): void {
  const ids = messages.flatMap(message => blocksOf(message, 'tool_use').map(call => call.id))
  if (new Set(ids).size < ids.length) throw new InvalidRequest('messages', '`tool_use` ids must be unique')
}

function checkResults(messages: readonly Json[], index: number): void {
  const called = blocksOf(messages[index - 1], 'tool_use').map(call => String(call.id))
  const message = messages[index] as Json
  const results = blocksOf(message, 'tool_result').map(result => String(result.tool_use_id))
  const stray = results.findIndex(id => !called.includes(id))
  if (stray >= 0) {
    const place = (message.content as readonly unknown[]).indexOf(blocksOf(message, 'tool_result')[stray])
    const text = `unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${results[stray]}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`
    throw new InvalidRequest(`messages.${index}.content.${place}`, text)
  }
  const twice = results.find((id, at) => results.indexOf(id) !== at)
  if (twice !== undefined) {
    const text = `each tool_use must have a single result. Found multiple \`tool_result\` blocks with id: ${twice}`
    throw new InvalidRequest(`messages.${index}.content`, text)
  }
  checkAnswered(messages, index)
}

// the results have to be the first blocks of the message after the calls
function checkAnswered(messages: readonly Json[], index: number): void {
  const next = messages[index + 1]
  const content = Array.isArray(next?.content) ? (next.content as readonly Json[]) : []
  const other = content.findIndex(block => block.type !== 'tool_result')
  const first = (other < 0 ? content : content.slice(0, other)).map(block => block.tool_use_id)
  const open = blocksOf(messages[index], 'tool_use').filter(call => !first.includes(call.id))
  if (open.length === 0) return
  const ids = open.map(call => String(call.id)).join(', ')
  const text = `\`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${ids}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`
  throw new InvalidRequest(`messages.${index}`, text)
}

function checkLast({ role, content }: Json): void {
  if (role !== 'assistant') return
  const block = Array.isArray(content) ? content.at(-1) : { type: 'text', text: content }
  if (isObject(block) && block.type === 'text' && /\s$/.test(String(block.text))) {
    throw new InvalidRequest('messages', 'final assistant content cannot end with trailing whitespace')
  }
}

// with a budget, what calls tools has to show what it thought before
function checkThinkingFirst(messages: readonly Json[]): void {
  const index = messages.findLastIndex(message => message.role === 'assistant')
  const message = messages[index]
  if (message === undefined || blocksOf(message, 'tool_use').length === 0) return
  const type = (message.content as readonly Json[])[0]?.type
  if (type === 'thinking' || type === 'redacted_thinking') return
  const text = `Expected \`thinking\` or \`redacted_thinking\`, but found \`${String(type)}\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking block (preceeding the lastmost set of \`tool_use\` and \`tool_result\` blocks).`
  throw new InvalidRequest(`messages.${index}.content.0.type`, text)
}
