import { isSwitchyardError, type JsonValue, type MessageRequest, type SwitchyardError } from '@switchyard/core/contract'
import { describe, expect, test } from 'vitest'
import { decodeRequest, decodeTokenCountRequest } from './decode-request.ts'

const hello = [{ role: 'user', content: 'Hi' }]
const ask = (more: object = {}) => ({ model: 'm', max_tokens: 9, messages: hello, ...more })
const talk = (...messages: unknown[]) => ask({ messages })
const user = (...content: unknown[]) => ({ role: 'user', content })
const assistant = (...content: unknown[]) => ({ role: 'assistant', content })
const call = (id = 'toolu_1') => ({ type: 'tool_use', id, name: 'look', input: {} })
const result = (id = 'toolu_1', more: object = {}) => ({ type: 'tool_result', tool_use_id: id, content: 'ok', ...more })
const tool = { name: 'look', input_schema: { type: 'object' } }

function fault(body: unknown): SwitchyardError {
  try {
    decodeRequest(body)
  } catch (error) {
    if (isSwitchyardError(error)) return error
    throw error
  }
  throw new Error('nothing failed')
}

const bound = (body: unknown) => decodeRequest(body).boundTo?.fields

describe('a request of this dialect', () => {
  test('puts the top-level system before the others, and leaves later ones in their place', () => {
    const { messages } = decodeRequest(
      ask({ system: 'Be brief.', messages: [...hello, { role: 'system', content: 'Now.' }] }),
    )
    expect(messages.map(({ role, content }) => [role, content])).toEqual([
      ['system', 'Be brief.'],
      ['user', 'Hi'],
      ['system', 'Now.'],
    ])
  })

  test('tells the results of tools apart from what the user says after them', () => {
    const { messages } = decodeRequest(
      talk(
        user({ type: 'text', text: 'Look.' }),
        assistant(call()),
        user(result('toolu_1', { is_error: true }), { type: 'text', text: 'So?' }),
      ),
    )
    expect(messages.slice(1)).toEqual([
      { role: 'assistant', content: [{ type: 'tool-call', id: 'toolu_1', name: 'look', input: {} }] },
      { role: 'tool', content: [{ type: 'tool-result', callId: 'toolu_1', content: 'ok', isError: true }] },
      { role: 'user', content: [{ type: 'text', text: 'So?' }] },
    ])
  })

  test('keeps a hint to the cache with its lifetime', () => {
    const block = (ttl?: string) => ({ type: 'text', text: 'a', cache_control: { type: 'ephemeral', ttl } })
    const { messages } = decodeRequest(talk(user(block('1h'), block())))
    expect(messages[0]?.content).toMatchObject([{ cache: { lifetime: '1h' } }, { cache: {} }])
  })

  test('has images and documents by their data, address or id', () => {
    const png = { type: 'base64', media_type: 'image/png', data: 'aGVsbG8=' }
    const { messages } = decodeRequest(
      talk(
        user(
          { type: 'image', source: png },
          { type: 'document', title: 'a', source: { type: 'text', media_type: 'text/plain', data: 'é' } },
          { type: 'document', source: { type: 'url', url: 'https://a.example/a.pdf' } },
          { type: 'image', source: { type: 'file', file_id: 'f' } },
        ),
      ),
    )
    expect(messages[0]?.content).toEqual([
      { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'aGVsbG8=' } },
      { type: 'document', name: 'a', source: { type: 'base64', mediaType: 'text/plain', data: 'w6k=' } },
      { type: 'document', source: { type: 'url', url: 'https://a.example/a.pdf' } },
      { type: 'image', source: { type: 'file', id: 'f', origin: 'anthropic-messages' } },
    ])
  })

  test('keeps what was thought with its signature, and hidden thoughts as they are', () => {
    const hidden = { type: 'redacted_thinking', data: 'x' }
    const request = decodeRequest(
      talk(
        ...hello,
        assistant({ type: 'thinking', thinking: 'Hm', signature: 's' }, hidden, { type: 'text', text: 'a' }),
      ),
    )
    expect(request.messages[1]?.content).toEqual([
      { type: 'reasoning', text: 'Hm', signature: 's', origin: 'anthropic-messages' },
      { type: 'opaque', origin: 'anthropic-messages', value: hidden },
      { type: 'text', text: 'a' },
    ])
    expect(request.boundTo).toBeUndefined()
  })

  test.each<[string, object, Partial<MessageRequest>]>([
    ['no effort', {}, {}],
    ['thinking that is off', { thinking: { type: 'disabled' } }, { reasoningEffort: 'none' }],
    ['a word', { output_config: { effort: 'max' } }, { reasoningEffort: 'max' }],
    ['thinking as the model likes', { thinking: { type: 'adaptive' } }, { reasoningEffort: 'high' }],
    [
      'a small budget',
      { max_tokens: 9000, thinking: { type: 'enabled', budget_tokens: 1024 } },
      { reasoningEffort: 'minimal' },
    ],
    [
      'a large budget',
      { max_tokens: 99_000, thinking: { type: 'enabled', budget_tokens: 40_000 } },
      { reasoningEffort: 'max' },
    ],
    [
      'a word beside off',
      { thinking: { type: 'disabled' }, output_config: { effort: 'low' } },
      { reasoningEffort: 'none' },
    ],
    ['thinking between tools alone', { thinking: { type: 'between_tools' } }, {}],
  ])('asks for thinking by %s', (_, fields, expected) => {
    expect(decodeRequest(ask(fields)).reasoningEffort).toBe(expected.reasoningEffort)
  })

  test('chooses tools, one at a time perhaps', () => {
    const chosen = (tool_choice: object) => {
      const { toolChoice, parallelToolCalls } = decodeRequest(ask({ tools: [tool], tool_choice }))
      return [toolChoice, parallelToolCalls]
    }
    expect(chosen({ type: 'any', disable_parallel_tool_use: true })).toEqual([{ type: 'required' }, false])
    expect(chosen({ type: 'tool', name: 'look', disable_parallel_tool_use: false })).toEqual([
      { type: 'tool', name: 'look' },
      true,
    ])
    expect(chosen({ type: 'none' })).toEqual([{ type: 'none' }, undefined])
  })

  test('may set how freely the model chooses its words', () => {
    expect(decodeRequest(ask({ temperature: 0.5, top_p: 0.9 }))).toMatchObject({ temperature: 0.5, topP: 0.9 })
  })

  test('keeps an image whose source nobody here knows', () => {
    const strange = { type: 'image', source: { type: 'text', data: 'a' } }
    expect(decodeRequest(talk(user(strange))).messages[0]?.content).toEqual([
      { type: 'opaque', origin: 'anthropic-messages', value: strange },
    ])
  })

  test('is bound to this dialect by what only it can say', () => {
    expect(bound(ask())).toBeUndefined()
    expect(bound(ask({ tools: [{ type: 'web_search_20260318', name: 'web_search' }] }))).toEqual(['tools[0]'])
    expect(bound(talk(user({ type: 'search_result', content: [] })))).toEqual(['messages[0].content[0]'])
    expect(bound(ask({ inference_geo: 'us', container: 'c', mcp_servers: [{}] }))).toEqual([
      'inference_geo',
      'container',
      'mcp_servers',
    ])
    expect(bound(ask({ max_tokens: 0 }))).toEqual(['max_tokens'])
    const document = { type: 'document', source: { type: 'url', url: 'https://a.example/a' } }
    expect(bound(talk(user({ ...document, citations: { enabled: true } })))).toEqual([
      'messages[0].content[0].citations',
    ])
    expect(bound(talk(user({ ...document, citations: { enabled: false } })))).toBeUndefined()
    const program = { ...call(), caller: { type: 'code_execution_20260120', tool_id: 't' } }
    expect(bound(talk(...hello, assistant(program), user(result())))).toEqual(['messages[1].content[0].caller'])
  })

  test('is not bound by hints', () => {
    const hints = { top_k: 3, service_tier: 'auto', speed: 'fast', metadata: { user_id: 'u', x: 1 }, mcp_servers: [] }
    expect(bound(ask({ ...hints, cache_control: { type: 'ephemeral' } }))).toBeUndefined()
    expect(bound(talk(...hello, assistant({ ...call(), caller: { type: 'direct' } }), user(result())))).toBeUndefined()
    const cited = { type: 'text', text: 'a', citations: [{ cited_text: 'b' }] }
    expect(bound(talk(...hello, assistant(cited)))).toBeUndefined()
  })

  test('may end with an empty message of the assistant', () => {
    expect(decodeRequest(talk(...hello, assistant())).messages[1]).toEqual({ role: 'assistant', content: '' })
    expect(decodeRequest(talk(...hello, { role: 'assistant', content: '' })).messages[1]?.content).toBe('')
  })

  test("gives calls ids that are fit, and finds their results by the wire's own", () => {
    const long = `toolu_${'x'.repeat(50)}`
    const [, spoken, results] = decodeRequest(talk(...hello, assistant(call(long)), user(result(long)))).messages
    const part = spoken?.content[0] as { id: string; extra: unknown } | undefined
    expect(part?.id).toMatch(/^[A-Za-z0-9_-]{1,40}$/)
    expect(part?.extra).toEqual({ 'anthropic-messages': { id: long } })
    expect(results?.content).toMatchObject([{ callId: part?.id }])
  })

  test('for a count of tokens needs no cap', () => {
    expect(decodeTokenCountRequest({ model: 'm', messages: hello }).maxOutputTokens).toBeUndefined()
  })

  test('may leave its model to the server', () => {
    const { model: _, ...nameless } = ask()
    expect(decodeRequest(nameless, { defaultModel: 'd' }).model).toBe('d')
  })
})

const image = (source: object) => user({ type: 'image', source })
const cached = (cache_control: unknown) => talk(user({ type: 'text', text: 'a', cache_control }))

describe('a malformed request', () => {
  test.each<[string, unknown, string, RegExp]>([
    ['no object', 5, 'body', /must be a JSON object with model, max_tokens and messages, and is a number/],
    ['no model', ask({ model: null }), 'model', /is missing/],
    ['no cap', { model: 'm', messages: hello }, 'max_tokens', /is missing; say how many tokens/],
    ['a cap of halves', ask({ max_tokens: 1.5 }), 'max_tokens', /whole number/],
    ['no messages', { model: 'm', max_tokens: 1 }, 'messages', /is missing/],
    ['no message', talk(), 'messages', /is empty/],
    [
      'a system message first',
      talk({ role: 'system', content: 'a' }),
      'messages[0].role',
      /use the top-level `system`/,
    ],
    [
      'an assistant first',
      talk(assistant({ type: 'text', text: 'a' })),
      'messages[0].role',
      /first message must be of the user/,
    ],
    [
      'a role of others',
      talk({ role: 'tool', content: 'a' }),
      'messages[0].role',
      /is "tool"; it must be user, assistant or system/,
    ],
    ['content of numbers', talk({ role: 'user', content: 5 }), 'messages[0].content', /string or a list of blocks/],
    ['no content', talk(user()), 'messages[0].content', /must not be empty/],
    ['white space', talk({ role: 'user', content: ' ' }), 'messages[0].content', /more than white space/],
    [
      'a block of white space',
      talk(user({ type: 'text', text: '\n' })),
      'messages[0].content[0].text',
      /leave the block out/,
    ],
    [
      'an empty answer that is not the last',
      talk(...hello, assistant(), ...hello),
      'messages[1].content',
      /must not be empty/,
    ],
    [
      'last words that end with white space',
      talk(...hello, { role: 'assistant', content: 'So ' }),
      'messages[1].content',
      /ends with white space/,
    ],
    [
      'a last block that ends with white space',
      talk(...hello, assistant({ type: 'text', text: 'So ' })),
      'messages[1].content[0].text',
      /ends with white space/,
    ],
    [
      'thoughts of a user',
      talk(user({ type: 'thinking' })),
      'messages[0].content[0].type',
      /only messages of the assistant/,
    ],
    [
      'an image of the assistant',
      talk(...hello, assistant({ type: 'image' })),
      'messages[1].content[0].type',
      /send it as the user/,
    ],
    [
      'thoughts without a signature',
      talk(...hello, assistant({ type: 'thinking', thinking: 'a' })),
      'messages[1].content[0].signature',
      /must be a string/,
    ],
    [
      'hidden thoughts without data',
      talk(...hello, assistant({ type: 'redacted_thinking' })),
      'messages[1].content[0].data',
      /must be a string/,
    ],
    [
      'an image in the system',
      ask({ system: [{ type: 'image', source: { type: 'file', file_id: 'f' } }] }),
      'system[0].type',
      /the system says text alone/,
    ],
    [
      'a result in a result',
      talk(...hello, assistant(call()), user({ ...result(), content: [result()] })),
      'messages[2].content[0].content[0].type',
      /only messages of the user/,
    ],
    [
      'an image of a strange type',
      talk(image({ type: 'base64', media_type: 'image/tiff', data: 'aGk=' })),
      'messages[0].content[0].source.media_type',
      /is "image\/tiff"; it must be image\/jpeg/,
    ],
    [
      'an image that is no base64',
      talk(image({ type: 'base64', media_type: 'image/png', data: 'é' })),
      'messages[0].content[0].source.data',
      /not valid base64/,
    ],
    [
      'an address without https',
      talk(image({ type: 'url', url: 'http://a.example' })),
      'messages[0].content[0].source.url',
      /"https:\/\/"/,
    ],
    [
      'a text document of another type',
      talk(user({ type: 'document', source: { type: 'text', media_type: 'text/html', data: 'a' } })),
      'messages[0].content[0].source.media_type',
      /must be "text\/plain"/,
    ],
    [
      'a cache of another kind',
      cached({ type: 'eternal' }),
      'messages[0].content[0].cache_control.type',
      /must be "ephemeral"/,
    ],
    [
      'a lifetime of a day',
      cached({ type: 'ephemeral', ttl: '24h' }),
      'messages[0].content[0].cache_control.ttl',
      /it must be "5m" or "1h"/,
    ],
    [
      'a call that is not answered',
      talk(...hello, assistant(call())),
      'messages[1].content[0].id',
      /not answered before the end of the conversation/,
    ],
    [
      'a call that is answered late',
      talk(...hello, assistant(call()), ...hello, user(result())),
      'messages[1].content[0].id',
      /not answered before messages\[2\]/,
    ],
    [
      'a call that is passed over',
      talk(...hello, assistant(call()), assistant({ type: 'text', text: 'a' })),
      'messages[1].content[0].id',
      /not answered before messages\[2\]/,
    ],
    [
      'a result of no call',
      talk(user(result())),
      'messages[0].content[0].tool_use_id',
      /answers no call of the message before/,
    ],
    [
      'two results of one call',
      talk(...hello, assistant(call()), user(result(), result())),
      'messages[2].content[1].tool_use_id',
      /answered already/,
    ],
    [
      'a result behind a text',
      talk(...hello, assistant(call()), user({ type: 'text', text: 'a' }, result())),
      'messages[2].content[1]',
      /must come first/,
    ],
    [
      'an id twice',
      talk(...hello, assistant(call(), call()), user(result())),
      'messages[1].content[1].id',
      /is used twice/,
    ],
    [
      'an id with dots',
      talk(...hello, assistant(call('a.b')), user(result('a.b'))),
      'messages[1].content[0].id',
      /letters, digits/,
    ],
    [
      'an input of text',
      talk(...hello, assistant({ ...call(), input: 'x' }), user(result())),
      'messages[1].content[0].input',
      /must be an object/,
    ],
    ['a hot temperature', ask({ temperature: 1.1 }), 'temperature', /from 0 to 1/],
    ['a high top_p', ask({ top_p: 2 }), 'top_p', /from 0 to 1/],
    ['half a top_k', ask({ top_k: 0.5 }), 'top_k', /whole number/],
    ['a stop of white space', ask({ stop_sequences: ['a', ' '] }), 'stop_sequences[1]', /more than white space/],
    ['a stream of text', ask({ stream: 'yes' }), 'stream', /true or false/],
    ['metadata of text', ask({ metadata: 'u' }), 'metadata', /must be an object/],
    ['a user of numbers', ask({ metadata: { user_id: 5 } }), 'metadata.user_id', /must be a string/],
    ['diagnostics of text', ask({ diagnostics: 'x' }), 'diagnostics', /must be an object/],
    [
      'thinking of no kind',
      ask({ thinking: { type: 'hard' } }),
      'thinking.type',
      /is "hard"; it must be adaptive, enabled/,
    ],
    [
      'thinking that is shown in full',
      ask({ thinking: { type: 'adaptive', display: 'full' } }),
      'thinking.display',
      /"summarized" or "omitted"/,
    ],
    ['a budget of nothing', ask({ thinking: { type: 'enabled' } }), 'thinking.budget_tokens', /is missing/],
    [
      'a tiny budget',
      ask({ thinking: { type: 'enabled', budget_tokens: 9 } }),
      'thinking.budget_tokens',
      /at least 1024/,
    ],
    [
      'a budget above the cap',
      ask({ max_tokens: 2000, thinking: { type: 'enabled', budget_tokens: 2000 } }),
      'thinking.budget_tokens',
      /less than max_tokens, which is 2000/,
    ],
    ['an effort of others', ask({ output_config: { effort: 'minimal' } }), 'output_config.effort', /must be "low"/],
    [
      'a format of others',
      ask({ output_config: { format: { type: 'json_object' } } }),
      'output_config.format.type',
      /must be "json_schema"/,
    ],
    [
      'a format without a schema',
      ask({ output_config: { format: { type: 'json_schema' } } }),
      'output_config.format.schema',
      /must be an object/,
    ],
    ['a tool without a name', ask({ tools: [{ input_schema: {} }] }), 'tools[0].name', /must be a string/],
    ['a tool with a bad name', ask({ tools: [{ ...tool, name: 'a b' }] }), 'tools[0].name', /1 to 128 letters/],
    ['a tool twice', ask({ tools: [tool, tool] }), 'tools[1].name', /used twice/],
    ['a tool without a schema', ask({ tools: [{ name: 'a' }] }), 'tools[0].input_schema', /must be an object/],
    [
      'a schema of no object',
      ask({ tools: [{ name: 'a', input_schema: { type: 'string' } }] }),
      'tools[0].input_schema.type',
      /must be "object"/,
    ],
    [
      'a schema of either',
      ask({ tools: [{ name: 'a', input_schema: { type: 'object', oneOf: [] } }] }),
      'tools[0].input_schema.oneOf',
      /not taken at the top/,
    ],
    [
      'a choice of no kind',
      ask({ tools: [tool], tool_choice: { type: 'required' } }),
      'tool_choice.type',
      /is "required"; it must be "auto", "any"/,
    ],
    ['a choice among none', ask({ tool_choice: { type: 'auto' } }), 'tool_choice', /needs tools/],
    [
      'a choice of an unknown tool',
      ask({ tools: [tool], tool_choice: { type: 'tool', name: 'hear' } }),
      'tool_choice.name',
      /the tool "hear", which is not among/,
    ],
  ])('with %s is refused by its place, with the cure', (_, body, param, message) => {
    const error = fault(body)
    expect([error.kind, error.param]).toEqual(['invalid-request', param])
    expect(error.message).toMatch(message)
  })

  test('with too large an image is refused by its size', () => {
    const data = Buffer.alloc(100).toString('base64')
    const body = talk(image({ type: 'base64', media_type: 'image/png', data } as { readonly [key: string]: JsonValue }))
    expect(() => decodeRequest(body, { maxMediaBytes: 99 })).toThrow(/holds 100 bytes, and at most 99/)
  })
})
