import type { Message, MessageRequest, ModelFacts } from '@switchyard/core/contract'
import { describe, expect, test } from 'vitest'
import { decodeRequest } from './decode-request.ts'
import { decodeResponse } from './decode-response.ts'
import { type EncodeRequestOptions, encodeRequest } from './encode-request.ts'

const options: EncodeRequestOptions = { model: 'm', stream: false }
const messages: readonly Message[] = [{ role: 'user', content: 'Hi' }]
const weather = { name: 'weather', parameters: { type: 'object' } }

const encode = (request: Partial<MessageRequest>, more: Partial<EncodeRequestOptions> = {}) =>
  encodeRequest({ messages, ...request }, { ...options, ...more })
const bodyOf = (request: Partial<MessageRequest>, more: Partial<EncodeRequestOptions> = {}) =>
  encode(request, more).body
const inputOf = (given: readonly Message[]) => bodyOf({ messages: given }).input
const settingsOf = (request: Partial<MessageRequest>, facts: ModelFacts = {}) =>
  encode(request, { facts }).warnings.map(({ setting }) => setting)

describe('a request', () => {
  test('tells the server to keep nothing, and asks for sealed reasoning where the model is known to reason', () => {
    expect(bodyOf({})).toEqual({ model: 'm', input: [{ role: 'user', content: 'Hi' }], store: false })
    const sealed = { store: false, include: ['reasoning.encrypted_content'] }
    expect(bodyOf({ reasoningEffort: 'low' })).toMatchObject({ ...sealed, reasoning: { effort: 'low' } })
    expect(bodyOf({}, { facts: { capabilities: { reasoning: true } } })).toMatchObject(sealed)
    expect(bodyOf({}, { facts: { toolsInChatCompletions: 'never' } })).toMatchObject(sealed)
    for (const known of [{ reasoningEffort: 'none' } as const, {}]) expect(bodyOf(known)).not.toHaveProperty('include')
    const silent = { capabilities: { reasoning: false } }
    expect(bodyOf({ reasoningEffort: 'low' }, { facts: silent })).not.toHaveProperty('include')
  })

  test('that came in this dialect keeps what it says of that', () => {
    for (const said of [{}, { store: true }, { previous_response_id: 'resp_1' }, { store: false, include: [] }]) {
      const body = { model: 'm', input: [{ role: 'user', content: 'Hi' }], ...said }
      expect(encodeRequest(decodeRequest(body), options).body).toEqual(body)
    }
  })

  test('that changed since it came is told anew, its own words kept', () => {
    const decoded = decodeRequest({ model: 'm', input: 'Hi', instructions: 'Be brief.', truncation: 'auto' })
    const longer = { ...decoded, messages: [...decoded.messages, { role: 'user', content: 'There?' } as const] }
    expect(encodeRequest(longer, options).body).toEqual({
      model: 'm',
      instructions: 'Be brief.',
      input: [
        { role: 'user', content: 'Hi' },
        { role: 'user', content: 'There?' },
      ],
      truncation: 'auto',
    })
    const free = decodeRequest({ model: 'm', input: 'Hi', text: { format: { type: 'json_object' }, verbosity: 'low' } })
    const { responseFormat: _, ...text } = free
    expect(encodeRequest(text, options).body.text).toEqual({ verbosity: 'low' })
    const other = { ...free, responseFormat: { type: 'json-schema', name: 'a', schema: {} } } as const
    expect(encodeRequest(other, options).body.text).toEqual({
      verbosity: 'low',
      format: { type: 'json_schema', name: 'a', schema: {} },
    })
  })

  test('asks for a stream without padding, and for a summary, where the provider says so', () => {
    expect(bodyOf({}, { stream: true })).toMatchObject({ stream: true })
    expect(bodyOf({}, { stream: true, includeObfuscation: false })).toMatchObject({
      stream_options: { include_obfuscation: false },
    })
    const facts = { capabilities: { reasoning: true } }
    const summary = { reasoningSummary: 'auto' } as const
    expect(bodyOf({}, { ...summary, facts }).reasoning).toEqual({ summary: 'auto' })
    expect(bodyOf({ reasoningEffort: 'none' }, { ...summary, facts }).reasoning).toEqual({ effort: 'none' })
    expect(bodyOf({}, summary)).not.toHaveProperty('reasoning')
  })

  test('that only another dialect can say is refused', () => {
    const boundTo = { dialect: 'openai-chat', fields: ['n'] }
    expect(() => encode({ boundTo })).toThrow(expect.objectContaining({ kind: 'unsupported', param: 'n' }))
  })
})

describe('a conversation', () => {
  test('begins with its instructions; later ones are the developer’s', () => {
    const { body } = encode({
      messages: [
        { role: 'system', content: 'Be brief.' },
        {
          role: 'system',
          content: [
            { type: 'text', text: 'Be kind.' },
            { type: 'text', text: 'Be calm.' },
          ],
        },
        { role: 'user', content: 'Hi' },
        { role: 'system', content: 'Now rhyme.' },
      ],
    })
    expect(body.instructions).toBe('Be brief.\n\nBe kind.\n\nBe calm.')
    expect(body.input).toEqual([
      { role: 'user', content: 'Hi' },
      { role: 'developer', content: 'Now rhyme.' },
    ])
    expect(bodyOf({ messages: [{ role: 'system', content: 'Go.' }] })).toMatchObject({ instructions: 'Go.', input: [] })
  })

  test('holds images and documents in all their forms', () => {
    const data = { type: 'base64', mediaType: 'image/png', data: 'aGk=' } as const
    const url = { type: 'url', url: 'https://a.example/a' } as const
    const file = { type: 'file', id: 'file_1', origin: 'openai-chat' } as const
    expect(
      inputOf([
        {
          role: 'user',
          content: [
            { type: 'image', source: data, detail: 'low' },
            { type: 'image', source: url },
            { type: 'image', source: file },
            { type: 'document', source: data, name: 'a.pdf' },
            { type: 'document', source: url },
            { type: 'document', source: file },
          ],
        },
      ]),
    ).toEqual([
      {
        role: 'user',
        content: [
          { type: 'input_image', image_url: 'data:image/png;base64,aGk=', detail: 'low' },
          { type: 'input_image', image_url: 'https://a.example/a' },
          { type: 'input_image', file_id: 'file_1' },
          { type: 'input_file', file_data: 'data:image/png;base64,aGk=', filename: 'a.pdf' },
          { type: 'input_file', file_url: 'https://a.example/a' },
          { type: 'input_file', file_id: 'file_1' },
        ],
      },
    ])
  })

  test('leaves out, with its place, what no item can say', () => {
    const stored = { type: 'file', id: 'f', origin: 'gemini' } as const
    const sound = { type: 'audio', source: { type: 'base64', mediaType: 'audio/wav', data: 'aGk=' } } as const
    const content = [
      { type: 'image', source: stored },
      { type: 'document', source: stored },
      sound,
      { type: 'opaque', origin: 'gemini', value: {} },
      { type: 'text', text: 'Hi' },
    ] as const
    const given = [{ role: 'user', content, name: 'Ann' }] as const
    const { body, warnings } = encode({ messages: given })
    expect(body.input).toEqual([{ role: 'user', content: [{ type: 'input_text', text: 'Hi' }] }])
    expect(warnings.map(({ setting }) => setting)).toEqual([
      'messages[0].content[0]',
      'messages[0].content[1]',
      'messages[0].content[2]',
      'messages[0].content[3]',
      'messages[0].name',
    ])
    expect(() => encode({ messages: given }, { strict: true })).toThrow(
      expect.objectContaining({ kind: 'unsupported', param: 'messages[0].content[0]' }),
    )
  })

  test('has no empty turns of the model', () => {
    expect(
      inputOf([
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content: '' },
        { role: 'assistant', content: [{ type: 'text', text: '' }] },
      ]),
    ).toEqual([{ role: 'user', content: 'Hi' }])
  })

  test('tells results of tools as text or media, and failures in words', () => {
    const calls = ['a', 'b', 'c', 'd'].map(id => ({ type: 'tool-call', id, name: 'f', input: {} }) as const)
    const image = { type: 'image', source: { type: 'url', url: 'https://a.example/a.png' } } as const
    const { body, warnings } = encode({
      messages: [
        { role: 'assistant', content: calls },
        {
          role: 'tool',
          content: [
            { type: 'tool-result', callId: 'a', content: 'It broke', isError: true },
            { type: 'tool-result', callId: 'b', content: [image], isError: true },
            { type: 'tool-result', callId: 'c', content: [{ type: 'text', text: 'Error 5' }], isError: true },
            { type: 'tool-result', callId: 'd', content: [{ type: 'opaque', origin: 'gemini', value: {} }] },
          ],
        },
      ],
    })
    expect((body.input as readonly { readonly output?: unknown }[]).slice(4).map(({ output }) => output)).toEqual([
      'Error: It broke',
      [
        { type: 'input_text', text: 'Error' },
        { type: 'input_image', image_url: 'https://a.example/a.png' },
      ],
      [{ type: 'input_text', text: 'Error 5' }],
      [{ type: 'input_text', text: '(Something was here, which cannot be shown.)' }],
    ])
    expect(warnings.map(({ setting }) => setting)).toEqual([
      'messages[1].content[0].isError',
      'messages[1].content[1].isError',
      'messages[1].content[2].isError',
      'messages[1].content[3].content[0]',
    ])
  })

  test('gives a call that comes again under the same id another one', () => {
    const turn = (content: string): Message[] => [
      { role: 'assistant', content: [{ type: 'tool-call', id: 'call_0', name: 'f', input: {} }] },
      { role: 'tool', content: [{ type: 'tool-result', callId: 'call_0', content }] },
    ]
    const input = inputOf([...turn('first'), ...turn('second')]) as readonly { readonly call_id: string }[]
    const [first, , second] = input.map(item => item.call_id)
    expect(first).toBe('call_0')
    expect(second).not.toBe('call_0')
    expect(input.map(item => item.call_id)).toEqual([first, first, second, second])
  })
})

describe('an answer of this dialect', () => {
  const reasoning = { id: 'rs_1', type: 'reasoning', summary: [], encrypted_content: 'gAAA' }
  const message = {
    id: 'msg_1',
    type: 'message',
    status: 'completed',
    role: 'assistant',
    content: [{ type: 'output_text', text: 'Wait.', annotations: [], logprobs: [] }],
  }
  const call = {
    id: 'fc_1',
    type: 'function_call',
    status: 'completed',
    call_id: 'call_1',
    name: 'f',
    arguments: '{ }',
  }
  const search = { id: 'ws_1', type: 'web_search_call', status: 'completed' }
  const contentOf = (...output: object[]) =>
    decodeResponse({ id: 'resp_1', status: 'completed', model: 'm', output }, { provider: 'p', model: 'm' }).content
  const result = { role: 'tool', content: [{ type: 'tool-result', callId: 'call_1', content: '7' }] } as const
  const bare = { ...message, content: [{ type: 'output_text', text: 'Wait.' }] }

  test('goes back item by item, in its order', () => {
    const content = contentOf(reasoning, message, search, call)
    const { body, warnings } = encode({ messages: [...messages, { role: 'assistant', content }, result] })
    expect(warnings).toEqual([])
    expect(body.input).toEqual([
      { role: 'user', content: 'Hi' },
      reasoning,
      bare,
      search,
      call,
      { type: 'function_call_output', call_id: 'call_1', output: '7' },
    ])
  })

  test('goes back without the names of what followed reasoning that was taken out', () => {
    const content = contentOf(reasoning, message).slice(1)
    const { id: _, ...unnamed } = bare
    expect(inputOf([{ role: 'assistant', content }])).toEqual([unnamed])
    const called = contentOf(reasoning, call).slice(1)
    const { id: __, ...unnamedCall } = call
    expect((inputOf([{ role: 'assistant', content: called }, result]) as object[])[0]).toEqual(unnamedCall)
  })

  test('leaves out reasoning that nothing followed, that is unsealed, or that is another’s', () => {
    const { encrypted_content: _, ...unsealed } = reasoning
    const foreign = { type: 'reasoning', text: 'Hm.', signature: 's', origin: 'anthropic-messages' } as const
    for (const [content, place] of [
      [contentOf(message, reasoning), 'messages[0]'],
      [contentOf(unsealed, message), 'messages[0].content[0]'],
      [[foreign, { type: 'text', text: 'Wait.' }], 'messages[0].content[0]'],
    ] as const) {
      const { body, warnings } = encode({ messages: [{ role: 'assistant', content }] })
      expect(warnings).toMatchObject([{ setting: place }])
      expect(JSON.stringify(body.input)).not.toContain('reasoning"')
      expect(body.input).toMatchObject([{ role: 'assistant', content: [{ text: 'Wait.' }] }])
    }
    const strange = { type: 'opaque', origin: 'gemini', value: {} } as const
    expect(settingsOf({ messages: [{ role: 'assistant', content: [strange] }] })).toEqual(['messages[0].content[0]'])
  })

  test('leaves out events of a stream, which are no items', () => {
    const event = { type: 'opaque', origin: 'openai-responses', value: { type: 'response.queued' } } as const
    expect(inputOf([{ role: 'assistant', content: [event] }])).toEqual([])
  })
})

describe('tools', () => {
  test('are told flat, strict only where they say so', () => {
    const strict = { name: 'time', description: 'of day', strict: true }
    expect(bodyOf({ tools: [weather, strict], toolChoice: { type: 'required' } })).toMatchObject({
      tools: [
        { type: 'function', name: 'weather', parameters: { type: 'object' }, strict: false },
        { type: 'function', name: 'time', description: 'of day', parameters: null, strict: true },
      ],
      tool_choice: 'required',
    })
    const foreign = { type: 'opaque', origin: 'gemini', value: {} } as const
    expect(settingsOf({ tools: [foreign, weather] })).toEqual(['tools[0]'])
  })

  test('are not spoken of where there are none', () => {
    const spoken = { parallelToolCalls: false, toolChoice: { type: 'auto' } } as const
    expect(bodyOf(spoken)).toEqual(bodyOf({}))
    expect(settingsOf(spoken)).toEqual([])
    expect(settingsOf({ toolChoice: { type: 'tool', name: 'weather' } })).toEqual(['toolChoice'])
  })
})

describe('settings', () => {
  test('that the wire has no word for are dropped under our names', () => {
    const settings = { stop: ['a'], seed: 1, frequencyPenalty: 1, presencePenalty: 1, maxOutputTokens: 9 }
    const { body, warnings } = encode(settings)
    expect(body).toMatchObject({ max_output_tokens: 16 })
    expect(warnings.map(({ setting }) => setting)).toEqual([
      'maxOutputTokens',
      'stop',
      'seed',
      'frequencyPenalty',
      'presencePenalty',
    ])
    expect(() => encode({ stop: ['a'] }, { strict: true })).toThrow(
      expect.objectContaining({ kind: 'unsupported', param: 'stop' }),
    )
  })

  test('that the model refuses are dropped too', () => {
    const capabilities = {
      temperature: false,
      topP: false,
      parallelToolCalls: false,
      toolChoice: false,
      reasoning: false,
      jsonSchema: false,
    } as const
    const request = {
      temperature: 1,
      topP: 1,
      tools: [weather],
      parallelToolCalls: true,
      toolChoice: { type: 'required' },
      reasoningEffort: 'low',
      responseFormat: { type: 'json-schema', name: 'a', schema: {} },
    } as const
    const { body, warnings } = encode(request, { facts: { capabilities } })
    expect(warnings.map(({ setting }) => setting)).toEqual([
      'temperature',
      'topP',
      'parallelToolCalls',
      'toolChoice',
      'responseFormat',
      'reasoningEffort',
    ])
    expect(Object.keys(body).sort()).toEqual(['input', 'model', 'store', 'text', 'tools'])
    expect(body.text).toEqual({ format: { type: 'json_object' } })
    const neither = { capabilities: { json: false, jsonSchema: false } }
    expect(bodyOf({ responseFormat: { type: 'json' } }, { facts: neither })).not.toHaveProperty('text')
    expect(bodyOf({ responseFormat: { type: 'text' } }, { facts: neither }).text).toEqual({ format: { type: 'text' } })
  })

  test('an effort that the model does not know is not sent', () => {
    const facts = { reasoningEfforts: ['low', 'high'] }
    expect(bodyOf({ reasoningEffort: 'max' }, { facts })).not.toHaveProperty('reasoning')
    expect(settingsOf({ reasoningEffort: 'max' }, facts)).toEqual(['reasoningEffort'])
    expect(bodyOf({ reasoningEffort: 'low' }, { facts }).reasoning).toEqual({ effort: 'low' })
    const told = decodeRequest({ model: 'm', input: 'Hi', reasoning: { summary: 'auto' } })
    expect(encodeRequest(told, { ...options, facts: { capabilities: { reasoning: false } } })).toEqual({
      body: { model: 'm', input: 'Hi' },
      warnings: [],
    })
  })

  test('all others are told', () => {
    expect(bodyOf({ temperature: 0.5, topP: 0.9, cacheKey: 'k', metadata: { a: 'b' } })).toMatchObject({
      temperature: 0.5,
      top_p: 0.9,
      prompt_cache_key: 'k',
      metadata: { a: 'b' },
    })
  })
})

test('no reasoning is what a model without any does anyway', () => {
  const facts = { capabilities: { reasoning: false } }
  const { body, warnings } = encodeRequest(
    { messages: [], reasoningEffort: 'none' },
    { model: 'm', stream: false, facts, strict: true },
  )
  expect(body).not.toHaveProperty('reasoning')
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
  expect(body.input).toEqual([
    {
      role: 'user',
      content: [{ type: 'input_file', file_data: `data:${mediaType};base64,aGk=`, filename }],
    },
  ])
  expect(warnings).toEqual([])
})

test('reasoning without its sealed content goes back only to a server that stores', () => {
  const messages: Message[] = [
    {
      role: 'assistant',
      content: [
        { type: 'reasoning', text: 'hm', origin: 'openai-responses', extra: { 'openai-responses': { id: 'rs_1' } } },
        { type: 'text', text: 'Yes' },
      ],
    },
  ]
  const kinds = (store: boolean) =>
    (
      encodeRequest({ messages, extra: { 'openai-responses': { store } } }, { model: 'm', stream: false }).body
        .input as readonly { readonly type?: string }[]
    ).map(({ type }) => type)
  expect(kinds(true)).toEqual(['reasoning', undefined])
  expect(kinds(false)).toEqual([undefined])
})

test('what is said of tools stays where the server knows the tools', () => {
  const said = decodeRequest({ model: 'x', input: 'Hi', previous_response_id: 'resp_1', tool_choice: 'none' })
  expect(encodeRequest(said, { model: 'm', stream: false }).body).toMatchObject({ tool_choice: 'none' })
})

test('an item is not named after other reasoning than its own', () => {
  const reasoning = (id: string) =>
    ({
      type: 'reasoning',
      text: '',
      signature: 's',
      origin: 'openai-responses',
      extra: { 'openai-responses': { id } },
    }) as const
  const input = (id: string) =>
    encodeRequest(
      {
        messages: [
          {
            role: 'assistant',
            content: [
              reasoning(id),
              {
                type: 'text',
                text: 'Yes',
                extra: { 'openai-responses': { item: { id: 'msg_1', type: 'message', after: 'rs_1' } } },
              },
            ],
          },
        ],
      },
      { model: 'm', stream: false },
    ).body.input as readonly object[]
  expect(input('rs_1')[1]).toHaveProperty('id', 'msg_1')
  expect(input('rs_2')[1]).not.toHaveProperty('id')
})
