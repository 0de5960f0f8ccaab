import type { Message, MessageRequest, ModelFacts } from '@switchyard/core/contract'
import { describe, expect, test } from 'vitest'
import { decodeRequest } from './decode-request.ts'
import { type EncodeRequestOptions, encodeRequest } from './encode-request.ts'

const request: MessageRequest = { messages: [{ role: 'user', content: 'Hi' }] }
const encode = (fields: Partial<MessageRequest>, options: Partial<EncodeRequestOptions> = {}) =>
  encodeRequest({ ...request, ...fields }, { model: 'm', stream: false, ...options })
const knowing = (capabilities: ModelFacts['capabilities'], more: ModelFacts = {}) => ({
  facts: { ...more, ...(capabilities && { capabilities }) },
})

describe('encodeRequest', () => {
  test('asks a stream for usage, and for no padding where told so', () => {
    expect(encode({}, { stream: true }).body).toMatchObject({ stream: true, stream_options: { include_usage: true } })
    expect(encode({}, { stream: true, includeObfuscation: false }).body.stream_options).toEqual({
      include_usage: true,
      include_obfuscation: false,
    })
    expect(encode({}, { stream: true, includeUsage: false }).body.stream_options).toBeUndefined()
    expect(encode({}).body).toEqual({ model: 'm', messages: request.messages })
  })

  test('tells what holds nothing as an empty text: the server refuses an empty list', () => {
    const opaque = { type: 'opaque', origin: 'elsewhere', value: {} } as const
    const call = { type: 'tool-call', id: 'a', name: 'look', input: {} } as const
    const { body } = encodeRequest(
      {
        messages: [
          { role: 'system', content: [] },
          { role: 'user', content: [opaque] },
          { role: 'assistant', content: [opaque] },
          { role: 'assistant', content: [opaque, call] },
          { role: 'tool', content: [{ type: 'tool-result', callId: 'a', content: [] }] },
        ],
      },
      { model: 'm', stream: false },
    )
    const said = (body.messages as readonly { readonly content: unknown }[]).map(({ content }) => content)
    expect(said).toEqual(['', '', '', null, ''])
  })

  test('leaves stream options out of a plain call of a client that streams', () => {
    const streamed = decodeRequest({ model: 'x', ...request, stream: true, stream_options: { include_usage: false } })
    expect(encode(streamed).body).toEqual({ model: 'm', messages: request.messages })
  })

  test('leaves metadata out where the server takes them only with what it stores', () => {
    const metadata = { team: 'a' }
    const withStore = (store: boolean | null) => ({ metadata, extra: { 'openai-chat': { store } } })
    expect(encode({ metadata })).toMatchObject({ body: { metadata }, warnings: [] })
    const picky = { metadataNeedsStore: true }
    expect(encode(withStore(true), picky)).toMatchObject({ body: { metadata, store: true }, warnings: [] })
    for (const fields of [{ metadata }, withStore(false), withStore(null)]) {
      const { body, warnings } = encode(fields, picky)
      expect(body).not.toHaveProperty('metadata')
      expect(warnings).toMatchObject([{ setting: 'metadata' }])
      expect(() => encode(fields, { ...picky, strict: true })).toThrow(/metadata/)
    }
    expect(encode({}, picky).warnings).toEqual([])
  })

  test.each<[object, Partial<EncodeRequestOptions>, object]>([
    [{}, {}, { max_completion_tokens: 9 }],
    [{}, { outputCapParameter: 'max_tokens' }, { max_tokens: 9 }],
    [
      {},
      { outputCapParameter: 'max_tokens', facts: { outputCapParameter: 'max_completion_tokens' } },
      { max_completion_tokens: 9 },
    ],
    [{ max_tokens: 9 }, {}, { max_tokens: 9 }],
    [{ max_tokens: 9 }, { outputCapParameter: 'max_completion_tokens' }, { max_completion_tokens: 9 }],
    [{ max_tokens: 4, max_completion_tokens: 9 }, {}, { max_tokens: 4, max_completion_tokens: 9 }],
    [{ max_tokens: 4, max_completion_tokens: 8 }, {}, { max_tokens: 9 }],
  ])('spells the cap that came as %j, with %j, as %j', (said, options, cap) => {
    const decoded = decodeRequest({ model: 'x', ...request, ...said })
    const { model: _, messages: __, ...body } = encode({ ...decoded, maxOutputTokens: 9 }, options).body
    expect(body).toEqual(cap)
  })

  const everything: Partial<MessageRequest> = {
    temperature: 1,
    topP: 1,
    frequencyPenalty: 1,
    presencePenalty: 1,
    stop: ['x'],
    seed: 1,
    tools: [{ name: 'look' }],
    parallelToolCalls: false,
    toolChoice: { type: 'auto' },
    reasoningEffort: 'max',
    responseFormat: { type: 'json-schema', name: 'a', schema: {} },
    extra: { 'openai-chat': { logprobs: true, top_logprobs: 1 } },
  }

  test.each<[string, Partial<MessageRequest>, readonly string[]]>([
    ['no tools', { toolChoice: { type: 'auto' }, parallelToolCalls: false }, []],
    ['an empty list', { tools: [], toolChoice: { type: 'none' } }, []],
    [
      "another dialect's tools alone",
      {
        tools: [{ type: 'opaque', origin: 'anthropic', value: {} }],
        toolChoice: { type: 'required' },
        parallelToolCalls: true,
      },
      ['tools[0]', 'toolChoice'],
    ],
  ])('says nothing of choosing tools where there are none: %s', (_, fields, dropped) => {
    const { body, warnings } = encode({ messages: request.messages, ...fields })
    expect(Object.keys(body).sort()).toEqual(['messages', 'model'])
    expect(warnings.map(warning => warning.setting)).toEqual(dropped)
  })

  test('drops what the model is known to refuse, and says so', () => {
    const no = {
      temperature: false,
      topP: false,
      penalties: false,
      stop: false,
      seed: false,
      logprobs: false,
      parallelToolCalls: false,
      toolChoice: false,
      reasoning: false,
      jsonSchema: false,
      json: false,
    }
    const { body, warnings } = encode(everything, knowing(no))
    const tools = [{ type: 'function', function: { name: 'look' } }]
    expect(body).toEqual({ model: 'm', messages: request.messages, tools })
    expect(warnings.map(warning => warning.setting)).toEqual([
      'temperature',
      'topP',
      'frequencyPenalty',
      'presencePenalty',
      'stop',
      'seed',
      'logprobs',
      'top_logprobs',
      'parallelToolCalls',
      'toolChoice',
      'reasoningEffort',
      'responseFormat',
    ])
    expect(() => encode(everything, { ...knowing(no), strict: true })).toThrow(
      expect.objectContaining({ kind: 'unsupported', param: 'temperature', model: 'm' }),
    )
  })

  test('keeps what the model may take', () => {
    expect(encode(everything, knowing({ temperature: 'unknown', seed: true })).warnings).toEqual([])
  })

  test('asks for any JSON where a schema is refused, and drops JSON where that is', () => {
    const softer = encode(everything, knowing({ jsonSchema: false }))
    expect(softer.body.response_format).toEqual({ type: 'json_object' })
    expect(softer.warnings).toMatchObject([{ setting: 'responseFormat' }])
    const json = encode({ responseFormat: { type: 'json' } }, knowing({ json: false }))
    expect(json.body.response_format).toBeUndefined()
    expect(json.warnings).toHaveLength(1)
  })

  test('drops an effort that is not among the taken ones', () => {
    const { body, warnings } = encode({ reasoningEffort: 'max' }, { facts: { reasoningEfforts: ['low', 'high'] } })
    expect(body.reasoning_effort).toBeUndefined()
    expect(warnings[0]?.message).toBe('the model does not take "max", but low, high')
    expect(encode({ reasoningEffort: 'low' }, { facts: { reasoningEfforts: ['low'] } }).warnings).toEqual([])
    expect(encode({ reasoningEffort: 'low' }, { facts: { reasoningEfforts: [] } }).warnings[0]?.message).toBe(
      'the model does not take "low"',
    )
  })

  test('drops a null without a word', () => {
    const decoded = decodeRequest({ model: 'x', ...request, temperature: null })
    expect(encode(decoded).body).toHaveProperty('temperature', null)
    const { body, warnings } = encode(decoded, knowing({ temperature: false }))
    expect(body).not.toHaveProperty('temperature')
    expect(warnings).toEqual([])
  })

  test('refuses a request that is bound to another dialect, naming the fields', () => {
    expect(() => encode({ boundTo: { dialect: 'anthropic', fields: ['thinking', 'container'] } })).toThrow(
      expect.objectContaining({ kind: 'unsupported', param: 'thinking' }),
    )
    expect(() => encode({ boundTo: { dialect: 'anthropic', fields: [] } })).toThrow(/only a target of the dialect/)
  })

  test('names a file that OpenAI stores, whichever dialect spoke of it', () => {
    for (const origin of ['openai-chat', 'openai-responses']) {
      const source = { type: 'file', id: 'file-1', origin } as const
      const { body, warnings } = encode({ messages: [{ role: 'user', content: [{ type: 'document', source }] }] })
      expect(body.messages).toEqual([{ role: 'user', content: [{ type: 'file', file: { file_id: 'file-1' } }] }])
      expect(warnings).toEqual([])
    }
  })

  const foreign: readonly Message[] = [
    {
      role: 'user',
      content: [
        { type: 'text', text: 'a' },
        { type: 'image', source: { type: 'file', id: 'f', origin: 'openai-chat' } },
        { type: 'audio', source: { type: 'url', url: 'https://a.example/a.wav' } },
        { type: 'document', source: { type: 'url', url: 'https://a.example/a.pdf' } },
        { type: 'document', source: { type: 'file', id: 'f', origin: 'anthropic' } },
        { type: 'opaque', origin: 'anthropic', value: { type: 'container' } },
      ],
    },
    {
      role: 'assistant',
      content: [
        { type: 'reasoning', text: 'hm', origin: 'anthropic', signature: 's' },
        { type: 'tool-call', id: 'c', name: 'look', input: {} },
        { type: 'opaque', origin: 'anthropic', value: {} },
      ],
    },
    { role: 'tool', content: [{ type: 'tool-result', callId: 'c', content: 'no', isError: true }] },
  ]

  test('says what the wire cannot carry, and sends the rest', () => {
    const { body, warnings } = encode({
      messages: foreign,
      tools: [{ type: 'opaque', origin: 'anthropic', value: { type: 'bash' } }],
    })
    expect(body.messages).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'a' }] },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'c', type: 'function', function: { name: 'look', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'c', content: 'Error: no' },
    ])
    expect(body.tools).toBeUndefined()
    expect(warnings.map(warning => warning.setting)).toEqual([
      'messages[0].content[1]',
      'messages[0].content[2]',
      'messages[0].content[3]',
      'messages[0].content[4]',
      'messages[0].content[5]',
      'messages[1].content[0]',
      'messages[1].content[2]',
      'messages[2].content[0].isError',
      'tools[0]',
    ])
    expect(() => encode({ messages: foreign }, { strict: true })).toThrow(
      expect.objectContaining({ kind: 'unsupported', param: 'messages[0].content[1]' }),
    )
  })

  test('sends reasoning back where a server gave it, in the field it came in', () => {
    const messages: Message[] = [
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'a', origin: 'openai-chat' },
          { type: 'reasoning', text: 'b', origin: 'openai-chat', extra: { 'openai-chat': { field: 'reasoning' } } },
          { type: 'text', text: 'c' },
        ],
      },
    ]
    expect(encode({ messages }).body.messages).toEqual([
      { role: 'assistant', reasoning_content: 'a', reasoning: 'b', content: 'c' },
    ])
    expect(encode({ messages }, { replayReasoning: false }).body.messages).toEqual([
      { role: 'assistant', content: 'c' },
    ])
  })

  test('tells a system message in the role that the target wants', () => {
    const messages: Message[] = [{ role: 'system', content: 'Be kind.' }]
    expect(encode({ messages }).body.messages).toEqual([{ role: 'system', content: 'Be kind.' }])
    expect(encode({ messages }, { systemRole: 'developer' }).body.messages).toEqual([
      { role: 'developer', content: 'Be kind.' },
    ])
  })

  test('splits the results of one tool message', () => {
    const call = (id: string) => ({ type: 'tool-call', id, name: 'look', input: {} }) as const
    const messages: Message[] = [
      { role: 'assistant', content: [call('a'), call('b')] },
      {
        role: 'tool',
        content: [
          { type: 'tool-result', callId: 'a', content: '1' },
          { type: 'tool-result', callId: 'b', content: '2' },
        ],
      },
    ]
    expect(encode({ messages }).body.messages).toMatchObject([{}, { tool_call_id: 'a' }, { tool_call_id: 'b' }])
  })

  test('puts a call together that a stream told in pieces', () => {
    const value = [
      { tool_calls: [{ index: 0, id: 'c', type: 'custom', custom: { name: 'grep', input: '' } }] },
      { tool_calls: [{ index: 0, custom: { input: 'a' } }] },
      { tool_calls: [{ index: 0, custom: { input: 'b' } }] },
    ]
    const messages: Message[] = [{ role: 'assistant', content: [{ type: 'opaque', origin: 'openai-chat', value }] }]
    expect(encode({ messages }).body.messages).toEqual([
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'c', type: 'custom', custom: { name: 'grep', input: 'ab' } }],
      },
    ])
  })

  test('says what was changed since, not what the wire once said', () => {
    const legacy = {
      model: 'x',
      ...request,
      functions: [{ name: 'look' }, { name: 'hear' }],
      function_call: { name: 'look' },
    }
    const decoded = decodeRequest(legacy)
    expect(encode({ ...decoded, toolChoice: { type: 'tool', name: 'hear' } }).body.function_call).toEqual({
      name: 'hear',
    })
    expect(encode({ ...decoded, toolChoice: { type: 'none' } }).body.function_call).toBe('none')
    const formatted = decodeRequest({
      model: 'x',
      ...request,
      response_format: { type: 'json_object', x: 1 },
      stop: 'a',
    })
    expect(encode({ ...formatted, responseFormat: { type: 'text' }, stop: ['b'] }).body).toMatchObject({
      response_format: { type: 'text' },
      stop: ['b'],
    })
    const chosen = decodeRequest({
      model: 'x',
      ...request,
      tools: [{ type: 'custom', custom: {} }],
      tool_choice: { type: 'custom', custom: {} },
    })
    expect(encode({ ...chosen, toolChoice: { type: 'none' } }).body.tool_choice).toBe('none')
  })

  test('sends no empty list of tools', () => {
    expect(encode(decodeRequest({ model: 'x', ...request, tools: [] })).body).not.toHaveProperty('tools')
  })
})

test('no reasoning is what a model without any does anyway', () => {
  const facts = { capabilities: { reasoning: false } }
  const { body, warnings } = encodeRequest(
    { messages: [], reasoningEffort: 'none' },
    { model: 'm', stream: false, facts, strict: true },
  )
  expect(body).not.toHaveProperty('reasoning_effort')
  expect(warnings).toEqual([])
})

test.each([
  ['application/pdf', 'document.pdf'],
  ['text/plain', 'document.txt'],
  ['text/markdown; charset=utf-8', 'document.md'],
  ['text/csv', 'document.csv'],
])('a document of %s without a name is sent as %s, which the server wants', (mediaType, filename) => {
  const source = { type: 'base64', mediaType, data: 'aGk=' } as const
  const messages: Message[] = [{ role: 'user', content: [{ type: 'document', source }] }]
  const { body, warnings } = encodeRequest({ messages }, { model: 'm', stream: false })
  expect(body.messages).toEqual([
    {
      role: 'user',
      content: [{ type: 'file', file: { file_data: `data:${mediaType};base64,aGk=`, filename } }],
    },
  ])
  expect(warnings).toEqual([])
})

test('what only tools have words for is left out beside functions', () => {
  const functions = [{ name: 'look', parameters: { type: 'object' } }]
  const said = decodeRequest({ model: 'x', ...request, functions })
  const { body } = encode({ ...said, parallelToolCalls: false })
  expect(body).toHaveProperty('functions')
  expect(body).not.toHaveProperty('parallel_tool_calls')
})
