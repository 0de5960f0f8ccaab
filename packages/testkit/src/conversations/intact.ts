import { deepEqual, equal, ok } from 'node:assert/strict'
import type { Message, MessageRequest, ToolCallPart, ToolResultPart } from '@switchyard/core/contract'
import type { Conversation } from './conversation.ts'

/**
 * Sees that what a server was sent holds all that matters of a conversation: every text in its order, every call with
 * its arguments and its own result, and nothing that only the origin may be told.
 *
 * @param sent what the server got, as its dialect reads it
 * @param dialect of that server
 * @param body what the server got, as it came
 * @throws {AssertionError} that says what is missing
 */
export function expectIntact(conversation: Conversation, sent: MessageRequest, dialect: string, body: unknown): void {
  const { messages, origin, secrets = [] } = conversation
  const told = `${texts(sent.messages).join('\n')}`
  let from = 0
  for (const text of texts(messages.filter(({ role }) => role === 'user' || role === 'assistant'))) {
    const at = told.indexOf(text, from)
    ok(at !== -1, `"${text}" is missing, or not in its order, in: ${told}`)
    from = at
  }
  for (const text of texts(messages.filter(({ role }) => role === 'system'))) {
    ok(told.includes(text), `the system's "${text}" is missing`)
  }
  expectCalls(messages, sent.messages)
  if (origin === dialect) return
  const wire = JSON.stringify(body)
  for (const secret of secrets) ok(!wire.includes(secret), 'it was told what only the origin may be told')
}

function expectCalls(before: readonly Message[], after: readonly Message[]): void {
  const made = callsIn(before)
  const sent = callsIn(after)
  deepEqual(
    sent.map(({ call }) => call.name),
    made.map(({ call }) => call.name),
    'the calls are not the same',
  )
  for (const [index, { call, results }] of made.entries()) {
    const there = sent[index]
    if (call.input !== undefined) deepEqual(there?.call.input, call.input)
    ok(/^[A-Za-z0-9_-]{1,40}$/.test(there?.call.id ?? ''), `the id "${there?.call.id}" is not fit for every server`)
    equal(there?.results.length, 1, `the call of ${JSON.stringify(call.input)} has not one result`)
    const said = textOf(there?.results[0]?.content ?? '')
    for (const result of results) {
      const expected = textOf(result.content)
      const same = expected === '' ? said === '' : said.includes(expected)
      ok(same, `the call of ${JSON.stringify(call.input)} got the result "${said}", and not "${expected}"`)
    }
  }
  const orphans = resultsIn(before).filter(result => !made.some(({ results }) => results.includes(result)))
  const told = texts(after).join('\n')
  for (const { content } of orphans) ok(told.includes(textOf(content)), 'a result without a call is lost')
}

interface MadeCall {
  readonly call: ToolCallPart
  readonly results: ToolResultPart[]
}

/** Calls with the results that answer them; of several under one id, the latest before the result. */
function callsIn(messages: readonly Message[]): readonly MadeCall[] {
  const made: MadeCall[] = []
  for (const { content } of messages) {
    if (typeof content === 'string') continue
    for (const part of content) {
      if (part.type === 'tool-call') made.push({ call: part, results: [] })
      if (part.type === 'tool-result') made.findLast(({ call }) => call.id === part.callId)?.results.push(part)
    }
  }
  return made
}

function resultsIn(messages: readonly Message[]): readonly ToolResultPart[] {
  return messages.flatMap(message => (message.role === 'tool' ? message.content : []))
}

function texts(messages: readonly Message[]): readonly string[] {
  return messages
    .flatMap(({ content }) => {
      if (typeof content === 'string') return [content]
      return content.map(part => (part.type === 'text' ? part.text : ''))
    })
    .filter(text => text !== '')
}

function textOf(content: ToolResultPart['content']): string {
  if (typeof content === 'string') return content
  return content.map(part => (part.type === 'text' ? part.text : '')).join('')
}
