import type { JsonObject, MessageResponse } from '@switchyard/core/contract'
import fc from 'fast-check'
import { is, json, list, said, text, unknown, wire, word } from './wire-requests.fixture.ts'

const input = fc.dictionary(word, json, { maxKeys: 2, noNullPrototype: true })
const count = fc.nat(9999)

const annotation = { type: 'url_citation', url: 'https://a.example' }
const lists = {
  annotations: fc.constantFrom([], [annotation], [annotation, { type: 'file_path' }]),
  logprobs: fc.constantFrom([], [{ token: 'a', logprob: -1 }]),
}
const spoken = fc.oneof(
  { weight: 3, arbitrary: wire({ type: is('output_text'), text, ...lists }) },
  wire({ type: is('refusal'), refusal: text }),
  wire({ type: is('x_sound') }),
)
const status = fc.constantFrom('completed', 'incomplete')
const message = wire(
  { type: is('message'), id: word.map(id => `msg_${id}`), role: is('assistant'), status, content: list(spoken) },
  { phase: fc.constantFrom('commentary', 'final_answer', null) },
)
const argumentsText = fc.oneof(
  input.map(value => JSON.stringify(value)),
  fc.constantFrom('{ "city":  "Oslo" }', '', '{"half'),
)
const call = wire({
  type: is('function_call'),
  id: word.map(id => `fc_${id}`),
  call_id: fc.oneof(
    word.map(id => `call_${id}`),
    word.map(id => `functions.get:${id}`),
  ),
  name: word,
  arguments: argumentsText,
  status,
})
const reasoning = wire(
  {
    type: is('reasoning'),
    id: word.map(id => `rs_${id}`),
    summary: fc.array(wire({ type: is('summary_text'), text }), { maxLength: 3 }),
  },
  {
    encrypted_content: fc.oneof(said, is(null)),
    content: fc.array(wire({ type: is('reasoning_text'), text }), { maxLength: 2 }),
    status,
  },
)
const search = wire({ type: is('web_search_call'), id: word, status })
const custom = wire({ type: is('custom_tool_call'), id: word, call_id: word, name: word, input: text })
const item = fc.oneof(message, call, reasoning, search, custom)

const wireUsage = wire({
  input_tokens: count,
  input_tokens_details: wire(
    { cached_tokens: count, cache_write_tokens: count },
    { cache_write_tokens_details: wire({ ttl_30m_tokens: count, ttl_12h_tokens: count }) },
  ),
  output_tokens: count,
  output_tokens_details: wire({ reasoning_tokens: count }),
  total_tokens: count,
})

const ending = fc.constantFrom(
  { status: 'completed', incomplete_details: null },
  { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } },
  { status: 'incomplete', incomplete_details: { reason: 'content_filter' } },
  { status: 'incomplete', incomplete_details: { reason: 'steered' } },
)

/** Any answer of a server, with fields that nobody here knows. */
export const wireAnswer = fc
  .tuple(
    wire(
      {
        id: word.map(id => `resp_${id}`),
        object: is('response'),
        created_at: fc.nat(),
        model: word,
        error: is(null),
        output: fc.array(item, { maxLength: 4 }),
        instructions: is(null),
        metadata: is({}),
        parallel_tool_calls: fc.boolean(),
        temperature: fc.constantFrom(1, null),
        tool_choice: is('auto'),
        tools: is([]),
        top_p: is(1),
      },
      {
        usage: wireUsage,
        service_tier: is('default'),
        tool_usage: is({ web_search: { num_requests: 2 } }),
        simulated: is(true),
      },
    ),
    ending,
  )
  .map(([body, end]) => ({ ...body, ...end }) as unknown as JsonObject & { readonly model: string })

const callPart = fc
  .tuple(
    word,
    fc.oneof(
      input.map(value => ({ input: value })),
      is({ invalid: { text: '{"cit', reason: 'the arguments are not JSON' } }),
    ),
  )
  .map(([name, given]) => ({ type: 'tool-call', id: '', name, ...given }))
const part = fc.oneof(
  fc.record({ type: is('text'), text }),
  fc.record({ type: is('text'), text, refusal: is(true) }),
  fc.record({ type: is('reasoning'), text, origin: is('openai-responses') }),
  fc.record({ type: is('reasoning'), text, origin: is('openai-responses'), signature: said }),
  callPart,
)
const usage = fc
  .tuple(count, count, count, count, count, count, count)
  .map(([uncached, cacheRead, short, long, other, spokenTokens, thought]) => ({
    input: {
      uncached,
      cacheRead,
      cacheWrite: {
        ...(short > 0 && { '30m': short }),
        ...(long > 0 && { '12h': long }),
        ...(other > 0 && { default: other }),
      },
    },
    output: { text: spokenTokens, reasoning: thought },
  }))

/** Any answer that this dialect can say, in its usual form; of one that was cut, the last part. */
export const contractAnswer = fc
  .tuple(
    word,
    fc.nat(),
    fc.array(part, { minLength: 1, maxLength: 5 }),
    fc.constantFrom('stop', 'content-filter', 'length'),
    fc.option(usage),
    fc.boolean(),
    unknown,
  )
  .map(([id, created, parts, ended, told, simulated]) => {
    const content = parts.map((each, at) => (each.type === 'tool-call' ? { ...each, id: `call_${at}` } : each))
    const last = content.at(-1)
    const cut = ended === 'length' && last !== undefined && last.type !== 'tool-call'
    if (cut) content[content.length - 1] = Object.assign({}, last, { complete: false })
    const called = content.some(each => each.type === 'tool-call')
    const refused = content.some(each => 'refusal' in each)
    return {
      id: `resp_${id}`,
      created,
      model: 'p/m',
      content,
      reason: ended !== 'stop' ? ended : called ? 'tool-calls' : refused ? 'refusal' : 'stop',
      ...(told && { usage: told }),
      ...(simulated && { simulated: true as const }),
    } as MessageResponse
  })
