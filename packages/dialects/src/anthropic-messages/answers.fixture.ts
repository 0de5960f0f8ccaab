import type { JsonObject, MessageResponse } from '@switchyard/core/contract'
import fc from 'fast-check'
import { json, said, unknown, wire, word } from './wire-requests.fixture.ts'

const is = <const Value>(value: Value) => fc.constant(value)
const input = fc.dictionary(word, json, { maxKeys: 2, noNullPrototype: true })
const list = <Value>(value: fc.Arbitrary<Value>) => fc.array(value, { minLength: 1, maxLength: 3 })
const none = is(null)

const citations = list(
  wire({ type: is('char_location'), cited_text: said, document_index: fc.nat(3), start_char_index: fc.nat(9) }),
)
const text = wire({ type: is('text'), text: fc.oneof(said, is('')), citations: fc.oneof(none, citations) })
const thinking = wire({
  type: is('thinking'),
  thinking: fc.oneof(said, is('')),
  signature: fc.oneof(word, is('')),
})
const hidden = wire({ type: is('redacted_thinking'), data: word })
const call = wire({
  type: is('tool_use'),
  name: word,
  input,
  caller: fc.constantFrom({ type: 'direct' }, { type: 'code_execution_20260120', tool_id: 'srv' }),
})
const server = wire({ type: is('server_tool_use'), id: word, name: is('web_search'), input })
const found = wire({ type: is('web_search_tool_result'), tool_use_id: word, content: list(wire({ url: word })) })

const blocks = list(fc.oneof(text, thinking, hidden, server, found))
const calls = list(call).map(made =>
  made.map((each, at) => ({ ...each, id: at % 2 === 0 ? `toolu_${at}` : `toolu_${at}_${'x'.repeat(40)}` })),
)
const spoken = fc.oneof(
  fc
    .tuple(blocks, fc.constantFrom('end_turn', 'max_tokens', 'pause_turn', 'model_context_window_exceeded', 'strange'))
    .map(([content, stop_reason]) => ({ content, stop_reason, stop_sequence: null, stop_details: null })),
  fc.tuple(blocks, word).map(([content, stop]) => ({
    content,
    stop_reason: 'stop_sequence',
    stop_sequence: stop,
    stop_details: null,
  })),
  blocks.map(content => ({
    content,
    stop_reason: 'refusal',
    stop_sequence: null,
    stop_details: { type: 'refusal', category: 'bio', explanation: null },
  })),
  fc
    .tuple(fc.array(fc.oneof(text, thinking), { maxLength: 2 }), calls, fc.constantFrom('tool_use', 'max_tokens'))
    .map(([before, made, stop_reason]) => ({
      content: [...before, ...made],
      stop_reason,
      stop_sequence: null,
      stop_details: null,
    })),
)

const count = fc.nat(50)
const wireUsage = fc
  .tuple(count, count, count, count, count, count, unknown)
  .map(([uncached, cached, short, long, spokenTokens, reasoning, rest]) => ({
    ...rest,
    input_tokens: uncached,
    cache_creation_input_tokens: short + long,
    cache_read_input_tokens: cached,
    cache_creation: { ephemeral_5m_input_tokens: short, ephemeral_1h_input_tokens: long },
    output_tokens: spokenTokens + reasoning,
    output_tokens_details: reasoning > 0 ? { thinking_tokens: reasoning } : null,
    server_tool_use: long > 9 ? { web_search_requests: long, web_fetch_requests: 0 } : null,
    service_tier: 'standard',
    inference_geo: null,
    speed: null,
  }))

/** Any answer that a server of this dialect gives, with fields that nobody has heard of. */
export const wireAnswer = fc
  .tuple(
    wire({
      id: word,
      type: is('message'),
      role: is('assistant'),
      model: word,
      container: fc.oneof(none, wire({ id: word })),
      diagnostics: fc.oneof(none, wire({})),
      usage: wireUsage,
    }),
    spoken,
  )
  .map(([message, told]) => ({ ...message, ...told }) as unknown as JsonObject & { readonly model: string })

const usage = fc
  .tuple(count, count, count, count, count, count)
  .map(([uncached, cacheRead, short, long, spokenTokens, reasoning]) => ({
    input: { uncached, cacheRead, cacheWrite: { ...(short > 0 && { '5m': short }), ...(long > 0 && { '1h': long }) } },
    output: { text: spokenTokens, reasoning },
    ...(long > 9 && { units: { web_search_requests: long } }),
  }))

const contractCall = fc.tuple(word, input).map(([name, value]) => ({ name, input: value }))
const endings = ['stop', 'stop-sequence', 'refusal', 'pause', 'length', 'context-length'] as const

/** Any answer that this dialect can say, in its usual form. */
export const contractAnswer = fc
  .tuple(
    word,
    fc.array(fc.tuple(fc.constantFrom('reasoning', 'text'), said), { minLength: 1, maxLength: 3 }),
    fc.array(contractCall, { maxLength: 3 }),
    fc.constantFrom(...endings),
    usage,
    fc.boolean(),
  )
  .map(([id, spokenParts, made, ended, told, simulated]) => {
    const calls = made.map(({ name, input }, at) => ({ type: 'tool-call', id: `call_${at}`, name, input }))
    const reason = calls.length > 0 ? 'tool-calls' : ended
    const cut = reason === 'length' || reason === 'context-length'
    const parts = spokenParts.map(([kind, value], at) => ({
      ...(kind === 'text'
        ? { type: 'text', text: value }
        : { type: 'reasoning', text: value, signature: 's', origin: 'anthropic-messages' }),
      ...(cut && at === spokenParts.length - 1 && { complete: false }),
    }))
    return {
      id,
      model: 'p/m',
      content: [...parts, ...calls],
      reason,
      ...(reason === 'stop-sequence' && { stopSequence: 'END' }),
      usage: told,
      ...(simulated && { simulated: true as const }),
    } as MessageResponse
  })
