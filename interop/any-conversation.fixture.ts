import type { MessageRequest } from '@switchyard/core'
import fc from 'fast-check'

const is = <const Value>(value: Value) => fc.constant(value)
const some = (fields: Record<string, fc.Arbitrary<unknown>>, ...optional: string[]) =>
  fc.record(fields, {
    requiredKeys: Object.keys(fields).filter(field => !optional.includes(field)) as never[],
    noNullPrototype: true,
  })

// few, so that they meet
const words = fc.constantFrom('', ' ', 'Hi', 'a b\n', 'é')
const ids = fc.constantFrom('a', 'b', 'call_1', 'functions.look:0', 'x'.repeat(60))
const elsewhere = fc.constantFrom('nowhere', 'elsewhere')

const text = some({ type: is('text'), text: words, cache: fc.constantFrom({}, { lifetime: '1h' }) }, 'cache')
const opaque = some({ type: is('opaque'), origin: elsewhere, value: is({ x: 1 }) })
const reasoning = some({ type: is('reasoning'), text: words, signature: is('s'), origin: elsewhere }, 'signature')
const call = fc.tuple(ids, fc.boolean()).map(([id, broken]) => ({
  type: 'tool-call',
  id,
  name: 'look',
  ...(broken ? { invalid: { text: '{', reason: 'not JSON' } } : { input: { place: 'Oslo' } }),
}))
const result = some(
  {
    type: is('tool-result'),
    callId: ids,
    content: fc.oneof(words, fc.array(fc.oneof(text, opaque), { maxLength: 2 })),
    isError: fc.boolean(),
  },
  'isError',
)
const saying = (role: string, ...parts: fc.Arbitrary<unknown>[]) =>
  fc.oneof(words, fc.array(fc.oneof(...parts), { maxLength: 3 })).map(content => ({ role, content }))

const message = fc.oneof(
  saying('user', text, opaque),
  saying('system', text, opaque),
  saying('assistant', text, reasoning, opaque, call),
  fc.array(result, { minLength: 1, maxLength: 3 }).map(content => ({ role: 'tool', content })),
)

/**
 * Any conversation at all: turns in any order, calls without results and results without calls, ids that come twice or
 * that nobody takes, thoughts and blocks of others, messages that say nothing.
 */
export const anyConversation = fc.array(message, { maxLength: 8 }).map(
  messages =>
    ({
      messages: [...messages, { role: 'user', content: 'Go on.' }],
      tools: [{ name: 'look', parameters: { type: 'object', properties: { place: { type: 'string' } } } }],
      maxOutputTokens: 50,
    }) as unknown as MessageRequest,
)
