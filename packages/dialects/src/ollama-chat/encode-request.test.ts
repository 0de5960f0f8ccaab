import type { JsonValue, Message, MessageRequest, ModelFacts, ToolCallPart } from '@switchyard/core/contract'
import { describe, expect, test } from 'vitest'
import { decodeRequest } from './decode-request.ts'
import { type EncodeRequestOptions, encodeRequest } from './encode-request.ts'

const hello: readonly Message[] = [{ role: 'user', content: 'Hi' }]

function encode(request: Partial<MessageRequest>, options: Partial<EncodeRequestOptions> = {}) {
  return encodeRequest({ messages: hello, ...request }, { model: 'qwen3', stream: true, ...options })
}

const body = (request: Partial<MessageRequest>, options: Partial<EncodeRequestOptions> = {}) =>
  encode(request, options).body

/** The settings that were dropped, and that strict mode refuses each of them. */
function dropped(request: Partial<MessageRequest>, facts: ModelFacts = {}): readonly string[] {
  const { warnings } = encode(request, { facts })
  if (warnings.length > 0)
    expect(() => encode(request, { facts, strict: true })).toThrow(
      expect.objectContaining({ kind: 'unsupported', param: warnings[0]?.setting, model: 'qwen3' }),
    )
  return warnings.map(({ setting }) => setting)
}

describe('settings', () => {
  test('have their places', () => {
    const request = {
      temperature: 0.2,
      topP: 0.9,
      maxOutputTokens: 256,
      stop: ['END'],
      seed: 7,
      frequencyPenalty: 1,
      presencePenalty: -1,
    }
    expect(encode(request, { keepAlive: '10m', truncate: false })).toEqual({
      body: {
        model: 'qwen3',
        messages: [{ role: 'user', content: 'Hi' }],
        stream: true,
        keep_alive: '10m',
        truncate: false,
        options: {
          num_ctx: 8192,
          num_predict: 256,
          temperature: 0.2,
          top_p: 0.9,
          frequency_penalty: 1,
          presence_penalty: -1,
          seed: 7,
          stop: ['END'],
        },
      },
      warnings: [],
    })
  })

  test('say whether to stream, as the server streams where nothing is said', () => {
    expect(body({}, { stream: false }).stream).toBe(false)
  })

  test('always name the size of the context: the request its own, else the facts, else 8192', () => {
    const facts = { capabilities: { contextWindow: 40_960 } }
    expect(body({}).options).toEqual({ num_ctx: 8192 })
    expect(body({}, { facts }).options).toEqual({ num_ctx: 40_960 })
    const extra = { 'ollama-chat': { options: { num_ctx: 1024, top_k: 5 }, keep_alive: 0, truncate: true } }
    const own = body({ extra }, { facts, keepAlive: '10m', truncate: false })
    expect(own).toMatchObject({ options: { num_ctx: 1024, top_k: 5 }, keep_alive: 0, truncate: true })
  })

  test('that the model does not take are left out', () => {
    const facts = {
      capabilities: { temperature: false, topP: false, penalties: false, stop: false, seed: false, logprobs: false },
    }
    const request = {
      temperature: 1,
      topP: 1,
      frequencyPenalty: 1,
      presencePenalty: 1,
      stop: ['a'],
      seed: 1,
      extra: { 'ollama-chat': { logprobs: true } },
    }
    expect(dropped(request, facts)).toEqual([
      'temperature',
      'topP',
      'frequencyPenalty',
      'presencePenalty',
      'stop',
      'seed',
      'logprobs',
    ])
    expect(body(request, { facts }).options).toEqual({ num_ctx: 8192 })
  })

  test('that the wire has no word for are told', () => {
    expect(dropped({ metadata: { a: 'b' } })).toEqual(['metadata'])
    expect(dropped({ cacheKey: 'c' })).toEqual([])
  })

  test('that only another dialect can say are refused', () => {
    const boundTo = { dialect: 'openai-chat', fields: ['n'] }
    expect(() => encode({ boundTo })).toThrow(expect.objectContaining({ kind: 'unsupported', param: 'n' }))
    expect(() => encode({ boundTo: { dialect: 'ollama-chat', fields: ['logprobs'] } })).not.toThrow()
  })
})

describe('thinking', () => {
  const think = (effort: MessageRequest['reasoningEffort'], facts: ModelFacts = {}) =>
    body({ ...(effort && { reasoningEffort: effort }) }, { facts }).think

  test('is left to the server, refused, or asked for by its level', () => {
    expect(think(undefined)).toBeUndefined()
    expect(think('none')).toBe(false)
    expect(think('low')).toBe('low')
    expect(think('max')).toBe('max')
  })

  test('takes the nearest level where there is none', () => {
    expect([think('minimal'), think('xhigh')]).toEqual(['low', 'high'])
    expect(dropped({ reasoningEffort: 'minimal' })).toEqual(['reasoningEffort'])
  })

  test('is plain for a model that is known to take no levels', () => {
    const facts = { reasoningEfforts: ['none'] }
    expect(think('high', facts)).toBe(true)
    expect(dropped({ reasoningEffort: 'high' }, facts)).toEqual(['reasoningEffort'])
  })

  test('is sent as the caller has it in extra, unless an effort says other or the model does not think', () => {
    const own = (think: JsonValue) => ({ extra: { 'ollama-chat': { think } } })
    for (const word of [true, false, 'low', 'max']) expect(body(own(word)).think).toBe(word)
    expect(body({ ...own('low'), reasoningEffort: 'high' }).think).toBe('high')
    const facts = { capabilities: { reasoning: false } } as const
    expect(body(own('low'), { facts }).think).toBeUndefined()
    expect(dropped(own('low'), facts)).toEqual(['reasoningEffort'])
    expect(body(own(false), { facts }).think).toBe(false)
  })

  test('keeps to the levels that the model is known to take', () => {
    const facts = { reasoningEfforts: ['low', 'medium', 'high'] }
    expect(think('high', facts)).toBe('high')
    expect(think('max', facts)).toBeUndefined()
    expect(dropped({ reasoningEffort: 'max' }, facts)).toEqual(['reasoningEffort'])
  })

  test('is not asked of a model that cannot, nor taken from one that must', () => {
    expect(think('high', { capabilities: { reasoning: false } })).toBeUndefined()
    expect(dropped({ reasoningEffort: 'high' }, { capabilities: { reasoning: false } })).toEqual(['reasoningEffort'])
    expect(think('none', { capabilities: { reasoning: false } })).toBeUndefined()
    expect(dropped({ reasoningEffort: 'none' }, { capabilities: { reasoning: false } })).toEqual([])
    expect(think('none', { thinking: 'always' })).toBeUndefined()
    expect(dropped({ reasoningEffort: 'none' }, { thinking: 'always' })).toEqual(['reasoningEffort'])
  })
})

describe('the format of the answer', () => {
  const schema = { type: 'object' }
  const jsonSchema = { type: 'json-schema', name: 'a', schema, strict: true } as const

  test('is a word or the schema itself', () => {
    expect(body({ responseFormat: { type: 'text' } })).not.toHaveProperty('format')
    expect(body({ responseFormat: { type: 'json' } }).format).toBe('json')
    expect(body({ responseFormat: jsonSchema }).format).toEqual(schema)
    expect(dropped({ responseFormat: jsonSchema })).toEqual([])
    expect(dropped({ responseFormat: { ...jsonSchema, description: 'd' } })).toEqual(['responseFormat.description'])
  })

  test('is as much as the model takes', () => {
    const noSchema = { capabilities: { jsonSchema: false } }
    expect(body({ responseFormat: jsonSchema }, { facts: noSchema }).format).toBe('json')
    expect(dropped({ responseFormat: jsonSchema }, noSchema)).toEqual(['responseFormat'])
    const none = { capabilities: { json: false, jsonSchema: false } }
    for (const responseFormat of [jsonSchema, { type: 'json' } as const]) {
      expect(body({ responseFormat }, { facts: none })).not.toHaveProperty('format')
      expect(dropped({ responseFormat }, none)).toEqual(['responseFormat'])
    }
  })
})

describe('tools', () => {
  const tools = [{ name: 'weather', description: 'of a city', strict: true }, { name: 'time' }]
  const names = (request: Partial<MessageRequest>) =>
    ((body({ tools, ...request }).tools ?? []) as { function: { name: string } }[]).map(tool => tool.function.name)

  test('are functions with parameters, which are never held to their schema', () => {
    expect(body({ tools }).tools).toEqual([
      {
        type: 'function',
        function: { name: 'weather', description: 'of a city', parameters: { type: 'object', properties: {} } },
      },
      { type: 'function', function: { name: 'time', parameters: { type: 'object', properties: {} } } },
    ])
    expect(dropped({ tools })).toEqual(['tools[0].strict'])
    expect(body({ tools: [] })).not.toHaveProperty('tools')
  })

  test('of a client keep what it said of them, and get the parameters that it left out', () => {
    const untyped = { function: { name: 'time', description: null, parameters: null, x: 1 } }
    const typed = { type: 'special', function: { name: 'f', parameters: { type: 'object' } } }
    const request = decodeRequest({ model: 'qwen3', messages: [], tools: [untyped, typed] })
    expect(body({ ...request, tools: [...(request.tools ?? [])] }).tools).toEqual([
      { function: { name: 'time', description: null, parameters: { type: 'object', properties: {} }, x: 1 } },
      typed,
    ])
  })

  test('of another dialect stay there, by their place among all', () => {
    const foreign = { type: 'opaque', origin: 'openai-responses', value: { type: 'web_search' } } as const
    const own = { type: 'opaque', origin: 'ollama-chat', value: { type: 'special' } } as const
    expect(dropped({ tools: [own, foreign] })).toEqual(['tools[1]'])
    expect(body({ tools: [own, foreign] }).tools).toEqual([own.value])
  })

  test('are offered as far as the choice allows, since none can be forced', () => {
    const plain = [{ name: 'weather' }, { name: 'time' }]
    const warned = (toolChoice: MessageRequest['toolChoice']) =>
      dropped({ tools: plain, ...(toolChoice && { toolChoice }) })
    expect(names({ toolChoice: { type: 'auto' } })).toEqual(['weather', 'time'])
    expect(names({ toolChoice: { type: 'none' } })).toEqual([])
    expect(names({ toolChoice: { type: 'required' } })).toEqual(['weather', 'time'])
    expect(names({ toolChoice: { type: 'tool', name: 'time' } })).toEqual(['time'])
    expect(names({ toolChoice: { type: 'allowed', names: ['time'], required: false } })).toEqual(['time'])
    const tools = ['weather', 'time'].map(name => ({ type: 'function', function: { name } }))
    const came = decodeRequest({ model: 'qwen3', messages: [{ role: 'user', content: 'Hi' }], tools })
    expect(body({ ...came, toolChoice: { type: 'tool', name: 'time' } }).tools).toMatchObject([tools[1]])
    expect([warned({ type: 'auto' }), warned({ type: 'none' })]).toEqual([[], []])
    expect(warned({ type: 'allowed', names: ['time'], required: false })).toEqual([])
    expect(warned({ type: 'allowed', names: ['time'], required: true })).toEqual(['toolChoice'])
    expect(warned({ type: 'required' })).toEqual(['toolChoice'])
    expect(warned({ type: 'tool', name: 'time' })).toEqual(['toolChoice'])
    expect(dropped({ toolChoice: { type: 'required' } })).toEqual(['toolChoice'])
  })

  test('come in parallel whether one likes it or not', () => {
    expect(dropped({ tools: [{ name: 'time' }], parallelToolCalls: false })).toEqual(['parallelToolCalls'])
    expect(dropped({ tools: [{ name: 'time' }], parallelToolCalls: true })).toEqual([])
    expect(dropped({ parallelToolCalls: false })).toEqual([])
  })

  test('are not sent to a model that takes none', () => {
    const facts = { capabilities: { tools: false } }
    expect(body({ tools }, { facts })).not.toHaveProperty('tools')
    expect(dropped({ tools }, facts)).toEqual(['tools'])
  })
})

describe('messages', () => {
  const wire = (messages: readonly Message[], facts: ModelFacts = {}) => body({ messages }, { facts }).messages
  const lost = (messages: readonly Message[], facts: ModelFacts = {}) => dropped({ messages }, facts)
  const call = (id: string, name: string): ToolCallPart => ({ type: 'tool-call', id, name, input: { city: 'Oslo' } })
  const png = 'iVBORw0KGgo='

  test('have one text each', () => {
    const parts = [
      { type: 'text', text: 'one' },
      { type: 'text', text: 'two' },
    ] as const
    expect(
      wire([
        { role: 'system', content: parts },
        { role: 'user', content: parts },
        { role: 'assistant', content: parts },
        { role: 'assistant', content: 'plain' },
      ]),
    ).toEqual([
      { role: 'system', content: 'one\ntwo' },
      { role: 'user', content: 'one\ntwo' },
      { role: 'assistant', content: 'onetwo' },
      { role: 'assistant', content: 'plain' },
    ])
  })

  test('lose the name of who speaks', () => {
    expect(lost([{ role: 'user', name: 'ann', content: 'Hi' }])).toEqual(['messages[0].name'])
  })

  test('carry calls with their ids, and results with the name of what was called', () => {
    const messages: Message[] = [
      { role: 'assistant', content: [call('a', 'weather'), call('b', 'time')] },
      { role: 'tool', content: [{ type: 'tool-result', callId: 'a', content: 'rain' }] },
      { role: 'tool', content: [{ type: 'tool-result', callId: 'b', name: 'clock', content: 'late', isError: true }] },
    ]
    expect(wire(messages)).toEqual([
      {
        role: 'assistant',
        content: '',
        tool_calls: [
          { id: 'a', function: { index: 0, name: 'weather', arguments: { city: 'Oslo' } } },
          { id: 'b', function: { index: 1, name: 'time', arguments: { city: 'Oslo' } } },
        ],
      },
      { role: 'tool', content: 'rain', tool_name: 'weather', tool_call_id: 'a' },
      { role: 'tool', content: 'Error: late', tool_name: 'clock', tool_call_id: 'b' },
    ])
    expect(lost(messages)).toEqual(['messages[2].content[0].isError'])
  })

  test('have their results in the order of the calls, and none without a call', () => {
    const messages: Message[] = [
      { role: 'assistant', content: [call('a', 'weather'), call('b', 'time')] },
      { role: 'tool', content: [{ type: 'tool-result', callId: 'b', content: 'late' }] },
      { role: 'tool', content: [{ type: 'tool-result', callId: 'a', content: 'rain' }] },
      { role: 'tool', content: [{ type: 'tool-result', callId: 'x', name: 'lost', content: 'found' }] },
    ]
    expect(wire(messages)).toMatchObject([
      { role: 'assistant' },
      { role: 'tool', tool_call_id: 'a' },
      { role: 'tool', tool_call_id: 'b' },
      { role: 'user', content: 'Result of lost: found' },
    ])
    expect(lost(messages)).toEqual(['messages[3].content[0]'])
  })

  test('name a call by the id it came with, in its result too, wherever that came from', () => {
    const { messages } = decodeRequest({
      model: 'qwen3',
      messages: [
        {
          role: 'assistant',
          tool_calls: ['f:0', 'f:1'].map(id => ({ id, function: { name: 'f', arguments: {} } })),
        },
        { role: 'tool', tool_name: 'f', tool_call_id: 'f:1', content: 'second' },
        { role: 'tool', tool_name: 'f', tool_call_id: 'f:0', content: 'first' },
      ],
    })
    expect(wire([...messages])).toMatchObject([
      { tool_calls: [{ id: 'f:0' }, { id: 'f:1' }] },
      { tool_call_id: 'f:0', content: 'first' },
      { tool_call_id: 'f:1', content: 'second' },
    ])
  })

  test('carry calls without the arguments that are none', () => {
    const broken: ToolCallPart = {
      type: 'tool-call',
      id: 'a',
      name: 'weather',
      invalid: { text: '{"cit', reason: 'the arguments are not JSON' },
    }
    const messages: Message[] = [
      { role: 'assistant', content: [broken] },
      { role: 'tool', content: [{ type: 'tool-result', callId: 'a', content: 'no' }] },
    ]
    expect(wire(messages)).toMatchObject([{ tool_calls: [{ id: 'a', function: { arguments: {} } }] }, {}])
    expect(lost(messages)).toEqual(['messages[0].content[0]'])
  })

  test('carry thoughts of this dialect, and none of another', () => {
    const messages: Message[] = [
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'own ', origin: 'ollama-chat' },
          { type: 'reasoning', text: 'thought', origin: 'ollama-chat' },
          { type: 'reasoning', text: 'foreign', origin: 'anthropic-messages', signature: 's' },
          { type: 'opaque', origin: 'gemini', value: {} },
          { type: 'text', text: 'Hi' },
        ],
      },
    ]
    expect(wire(messages)).toEqual([{ role: 'assistant', content: 'Hi', thinking: 'own thought' }])
    expect(lost(messages)).toEqual(['messages[0].content[2]', 'messages[0].content[3]'])
  })

  test('have images as bare base64, padded, in a user’s message and in a result', () => {
    const image = { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: png } } as const
    const inUrl = { type: 'image', source: { type: 'url', url: `data:image/png;base64,${png}` } } as const
    const twice = { type: 'image', source: { ...image.source, data: `data:image/png;base64,${png}` } } as const
    const unpadded = { type: 'image', source: { ...image.source, data: 'iVBORw0KGgo' } } as const
    const messages: Message[] = [
      { role: 'user', content: [{ type: 'text', text: 'See' }, image, inUrl, twice, unpadded] },
      { role: 'assistant', content: [call('a', 'look')] },
      { role: 'tool', content: [{ type: 'tool-result', callId: 'a', content: [image] }] },
    ]
    expect(wire(messages)).toMatchObject([
      { role: 'user', content: 'See', images: [png, png, png, png] },
      { role: 'assistant' },
      { role: 'tool', content: '', images: [png] },
    ])
    expect(lost(messages)).toEqual([])
  })

  test.each([
    [{ type: 'image', source: { type: 'url', url: 'https://a.example/a.png' } }, 'An image'],
    [{ type: 'image', source: { type: 'url', url: 'file:///etc/passwd' } }, 'An image'],
    [{ type: 'image', source: { type: 'url', url: '/etc/passwd' } }, 'An image'],
    [{ type: 'image', source: { type: 'base64', mediaType: 'image/png', data: './pic.png' } }, 'An image'],
    [{ type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'data:no' } }, 'An image'],
    [{ type: 'image', source: { type: 'file', id: 'f', origin: 'gemini' } }, 'An image'],
    [{ type: 'audio', source: { type: 'base64', mediaType: 'audio/wav', data: 'aGk=' } }, 'An audio'],
    [{ type: 'document', source: { type: 'base64', mediaType: 'application/pdf', data: 'aGk=' } }, 'A document'],
    [{ type: 'opaque', origin: 'gemini', value: {} }, 'Something'],
  ] as const)('say so where a part cannot be shown: %j', (part, what) => {
    const messages: Message[] = [{ role: 'user', content: [{ type: 'text', text: 'See:' }, part] }]
    expect(wire(messages)).toEqual([{ role: 'user', content: `See:\n(${what} was here, which cannot be shown.)` }])
    expect(lost(messages)).toEqual(['messages[0].content[1]'])
  })

  test('have no images for a model that sees none, and no word for how closely to look', () => {
    const image = {
      type: 'image',
      detail: 'low',
      source: { type: 'base64', mediaType: 'image/png', data: png },
    } as const
    const messages: Message[] = [{ role: 'user', content: [image] }]
    expect(lost(messages)).toEqual(['messages[0].content[0].detail'])
    expect(wire(messages, { capabilities: { images: false } })).toEqual([
      { role: 'user', content: '(An image was here, which cannot be shown.)' },
    ])
    expect(lost(messages, { capabilities: { images: false } })).toEqual(['messages[0].content[0]'])
  })
})
