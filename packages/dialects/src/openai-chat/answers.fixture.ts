import type { JsonObject, MessageResponse } from '@switchyard/core/contract'
import fc from 'fast-check'
import { json, unknown, wire, word } from './wire-requests.fixture.ts'

const is = <const Value>(value: Value) => fc.constant(value)
const said = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
const input = fc.dictionary(word, json, { maxKeys: 2, noNullPrototype: true })
const list = <Value>(value: fc.Arbitrary<Value>) => fc.array(value, { minLength: 1, maxLength: 3 })

const argumentsText = fc.oneof(
  input.map(value => JSON.stringify(value)),
  fc.constantFrom('{ "city":  "Oslo" }', '', '{"half'),
)
const calls = list(
  fc.oneof(
    wire({ type: is('function'), function: wire({ name: word, arguments: argumentsText }) }),
    wire({ type: is('custom'), custom: wire({ name: word, input: said }) }),
  ),
).map(made => made.map((call, at) => ({ ...call, id: at % 2 === 0 ? `call_${at}` : `functions.f:${at}` })))

const tokens = fc.array(fc.record({ token: word, logprob: is(-0.5) }, { noNullPrototype: true }), { maxLength: 2 })
const logprobs = fc.oneof(is(null), fc.record({ content: tokens, refusal: is(null) }, { noNullPrototype: true }))
const annotations = is([{ type: 'url_citation', url_citation: { url: 'https://a.example' } }])

const spoken = wire(
  { role: is('assistant'), content: fc.oneof(said, is('')), refusal: is(null) },
  { reasoning_content: fc.oneof(said, is('')), annotations },
)
const message = fc.oneof(
  spoken.map(told => ({ message: told, finish_reason: 'stop' })),
  spoken.map(told => ({ message: told, finish_reason: 'length' })),
  spoken.map(told => ({ message: told, finish_reason: 'content_filter' })),
  spoken.map(told => ({ message: told, finish_reason: 'strange' })),
  wire({ role: is('assistant'), content: is(null), refusal: said }).map(told => ({
    message: told,
    finish_reason: 'stop',
  })),
  wire(
    { role: is('assistant'), content: fc.oneof(is(null), is(''), said), refusal: is(null), tool_calls: calls },
    { reasoning: said },
  ).map(told => ({ message: told, finish_reason: 'tool_calls' })),
  wire({
    role: is('assistant'),
    content: is(null),
    refusal: is(null),
    function_call: wire({ name: word, arguments: argumentsText }),
  }).map(told => ({ message: told, finish_reason: 'function_call' })),
  wire({
    role: is('assistant'),
    content: is(null),
    refusal: is(null),
    audio: wire({ id: word, data: is('aGk='), transcript: said, expires_at: is(9) }),
  }).map(told => ({ message: told, finish_reason: 'stop' })),
)

const choice = fc
  .tuple(message, logprobs, unknown)
  .map(([told, probabilities, rest]) => ({ ...rest, ...told, logprobs: probabilities }))
const choices = list(choice).map(all => all.map((told, index) => ({ ...told, index })))

const count = fc.nat(50)
export const wireUsage = fc
  .tuple(count, count, count, count, count, unknown)
  .map(([uncached, cached, written, spokenTokens, reasoning, rest]) => ({
    ...rest,
    prompt_tokens: uncached + cached + written,
    completion_tokens: spokenTokens + reasoning,
    total_tokens: uncached + cached + written + spokenTokens + reasoning,
    prompt_tokens_details: { cached_tokens: cached, cache_write_tokens: written, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: reasoning, ...rest },
  }))

/** Any answer that a server of this dialect gives, with fields that nobody has heard of. */
export const wireAnswer = wire(
  { id: word, object: is('chat.completion'), created: fc.nat(), model: word, choices },
  { usage: wireUsage, system_fingerprint: fc.oneof(word, is(null)), service_tier: is('default') },
) as fc.Arbitrary<JsonObject & { readonly model: string }>

const call = fc.tuple(
  word,
  fc.oneof(
    input.map(value => ({ input: value })),
    is({ invalid: { text: '{"cit', reason: 'the arguments are not JSON' } }),
  ),
)

const content = fc
  .tuple(fc.option(said), fc.option(said), fc.option(said), fc.array(call, { maxLength: 3 }))
  .filter(
    ([reasoning, text, refusal, made]) => reasoning !== null || text !== null || refusal !== null || made.length > 0,
  )
const text = (value: string | null, more: object) => (value === null ? [] : [{ text: value, ...more }])

const usage = fc
  .tuple(count, count, count, count, count)
  .map(([uncached, cacheRead, written, spokenTokens, reasoning]) => ({
    input: { uncached, cacheRead, cacheWrite: written > 0 ? { default: written } : {} },
    output: { text: spokenTokens, reasoning },
  }))

function reasonOf(refused: boolean, called: boolean, ended: 'stop' | 'length' | 'content-filter') {
  if (ended !== 'stop') return ended
  if (called) return 'tool-calls'
  return refused ? 'refusal' : 'stop'
}

/** Any answer that this dialect can say, in its usual form. */
export const contractAnswer = fc
  .tuple(word, fc.nat(), content, fc.constantFrom('stop', 'content-filter'), fc.option(usage), fc.boolean())
  .map(([id, created, [reasoning, spokenText, refusal, made], ended, told, simulated]) => {
    const reason = reasonOf(refusal !== null, made.length > 0, ended as 'stop' | 'content-filter')
    return {
      id,
      created,
      model: 'p/m',
      content: [
        ...text(reasoning, { type: 'reasoning', origin: 'openai-chat' }),
        ...text(spokenText, { type: 'text' }),
        ...text(refusal, { type: 'text', refusal: true }),
        ...made.map(([name, given], at) => ({ type: 'tool-call', id: `call_${at}`, name, ...given })),
      ],
      reason,
      ...(told && { usage: told }),
      ...(simulated && { simulated: true as const }),
    } as MessageResponse
  })
