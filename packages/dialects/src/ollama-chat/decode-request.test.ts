import { describe, expect, test } from 'vitest'
import { decodeRequest } from './decode-request.ts'

const body = (fields: object) => ({ model: 'qwen3', messages: [{ role: 'user', content: 'Hi' }], ...fields })
const only = (message: object) => body({ messages: [message] })
const png = 'iVBORw0KGgo='

describe('a request', () => {
  test('streams where it does not say', () => {
    expect(decodeRequest(body({}))).toEqual({
      model: 'qwen3',
      messages: [{ role: 'user', content: 'Hi' }],
      stream: true,
    })
    expect(decodeRequest(body({ stream: false })).stream).toBe(false)
  })

  test('may have no messages, to load a model or unload it', () => {
    expect(decodeRequest({ model: 'qwen3' }).messages).toEqual([])
    expect(decodeRequest({ model: 'qwen3', messages: [], keep_alive: 0 })).toMatchObject({
      messages: [],
      extra: { 'ollama-chat': { keep_alive: 0 } },
    })
  })

  test('says its settings in our words, and keeps the rest', () => {
    const options = {
      num_ctx: 4096,
      num_predict: 10,
      temperature: 0.5,
      top_p: 0.9,
      seed: 7,
      stop: ['END'],
      frequency_penalty: 1,
      presence_penalty: 2,
      top_k: 40,
    }
    expect(decodeRequest(body({ options, think: 'high', format: 'json', keep_alive: '5m' }))).toEqual({
      model: 'qwen3',
      messages: [{ role: 'user', content: 'Hi' }],
      stream: true,
      maxOutputTokens: 10,
      temperature: 0.5,
      topP: 0.9,
      seed: 7,
      stop: ['END'],
      frequencyPenalty: 1,
      presencePenalty: 2,
      reasoningEffort: 'high',
      responseFormat: { type: 'json' },
      extra: { 'ollama-chat': { options: { num_ctx: 4096, top_k: 40 }, keep_alive: '5m' } },
    })
  })

  test('has no cap where it wants no end', () => {
    const request = decodeRequest(body({ options: { num_predict: -1 } }))
    expect(request).not.toHaveProperty('maxOutputTokens')
    expect(request.extra).toEqual({ 'ollama-chat': { options: { num_predict: -1 } } })
  })

  test('names a schema, which has no name here', () => {
    const schema = { type: 'object' }
    expect(decodeRequest(body({ format: schema })).responseFormat).toEqual({
      type: 'json-schema',
      name: 'answer',
      schema,
    })
  })

  test('is bound to this dialect by what changes the answer and has no other word', () => {
    const fields = { logprobs: true, x_new: 1, truncate: false, shift: true, options: { top_k: 1 }, format: '' }
    expect(decodeRequest(body(fields)).boundTo).toEqual({ dialect: 'ollama-chat', fields: ['logprobs', 'x_new'] })
    const messages = [
      { role: 'system', content: 'a', images: [png], x: 1 },
      { role: 'assistant', content: 'b', tool_name: 'c', y: null },
    ]
    expect(decodeRequest(body({ messages })).boundTo).toEqual({
      dialect: 'ollama-chat',
      fields: ['messages[0].images', 'messages[0].x'],
    })
    expect(decodeRequest(body({ logprobs: false }))).not.toHaveProperty('boundTo')
  })

  test('takes the model that stands in for none', () => {
    expect(decodeRequest({ messages: [] }, { defaultModel: 'usual' }).model).toBe('usual')
  })
})

describe('messages', () => {
  test('have their text before their images, with the type that their data tells', () => {
    const images = [png, '/9j/4AAQ', 'R0lGODlhAQ==', 'UklGRgAA', 'AAAA']
    const [message] = decodeRequest(only({ role: 'USER', content: 'See', images })).messages
    expect(message).toMatchObject({
      role: 'user',
      content: [
        { type: 'text', text: 'See' },
        { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: png } },
        { source: { mediaType: 'image/jpeg' } },
        { source: { mediaType: 'image/gif' } },
        { source: { mediaType: 'image/webp' } },
        { source: { mediaType: 'image/png' } },
      ],
    })
  })

  const weather = { function: { name: 'weather', arguments: { city: 'Oslo' } } }
  const time = { function: { name: 'time', arguments: {} } }
  const ids = (messages: readonly object[]) =>
    decodeRequest(body({ messages })).messages.flatMap(({ role, content }) =>
      typeof content === 'string'
        ? []
        : content.map(part => `${role} ${'callId' in part ? part.callId : 'id' in part ? part.id : ''}`),
    )

  test('answer calls by id', () => {
    expect(
      ids([
        {
          role: 'assistant',
          tool_calls: [
            { id: 'a', ...weather },
            { id: 'b', ...weather },
          ],
        },
        { role: 'tool', tool_call_id: 'b', content: 'x' },
        { role: 'tool', tool_call_id: 'a', content: 'y' },
      ]),
    ).toEqual(['assistant a', 'assistant b', 'tool b', 'tool a'])
  })

  test('answer calls without ids by name, then by order, under ids that are always the same', () => {
    const messages = [
      { role: 'assistant', tool_calls: [weather, time, weather] },
      { role: 'tool', tool_name: 'time', content: 'late' },
      { role: 'tool', tool_name: 'weather', content: 'rain' },
      { role: 'tool', content: 'sun' },
    ]
    const [first, second, third, ...answers] = ids(messages).map(text => text.split(' ')[1])
    expect(new Set([first, second, third]).size).toBe(3)
    expect(answers).toEqual([second, first, third])
    expect(ids(messages)).toEqual(ids(messages))
    for (const id of [first, second, third]) expect(id).toMatch(/^[A-Za-z0-9_-]{1,40}$/)
  })

  test('answer the latest calls where ids come again', () => {
    const turn = [
      { role: 'assistant', tool_calls: [{ id: 'call_0', ...time }] },
      { role: 'tool', tool_call_id: 'call_0', content: 'x' },
    ]
    const found = ids([...turn, ...turn])
    expect(found[0]).toBe('assistant call_0')
    expect(found[1]).toBe('tool call_0')
    expect(found[2]).not.toBe('assistant call_0')
    expect(found[3]?.slice(5)).toBe(found[2]?.slice(10))
    const [, latest, answer] = ids([...turn.slice(0, 1), ...turn])
    expect(answer?.slice(5)).toBe(latest?.slice(10))
  })

  test('may answer nothing, as the server lets them', () => {
    const [id] = ids([{ role: 'tool', tool_name: 'time', content: 'x' }])
    expect(id).toMatch(/^tool call_/)
    const late = ids([
      { role: 'assistant', tool_calls: [time] },
      { role: 'assistant', tool_calls: [weather] },
      { role: 'tool', tool_name: 'time', content: 'x' },
      { role: 'tool', tool_call_id: 'unknown', content: 'y' },
    ])
    expect(new Set(late.map(text => text.split(' ')[1])).size).toBe(4)
  })
})

describe('what the server would not take', () => {
  test.each([
    [null, 'body', /JSON object/],
    [{ messages: [] }, 'model', /missing/],
    [{ model: '', messages: [] }, 'model', /missing/],
    [{ model: 7, messages: [] }, 'model', /must be a string, and is a number/],
    [body({ messages: 'Hi' }), 'messages', /must be a list/],
    [body({ messages: ['Hi'] }), 'messages[0]', /must be an object/],
    [only({ content: 'Hi' }), 'messages[0].role', /must be a string, and is nothing/],
    [only({ role: 'developer', content: 'Hi' }), 'messages[0].role', /system, user, assistant or tool/],
    [only({ role: 'user', content: 7 }), 'messages[0].content', /must be a string/],
    [only({ role: 'user', content: [{ type: 'text', text: 'Hi' }] }), 'messages[0].content', /`images`/],
    [only({ role: 'user', content: '', images: 'x' }), 'messages[0].images', /must be a list/],
    [only({ role: 'user', images: [7] }), 'messages[0].images[0]', /must be a string/],
    [only({ role: 'user', images: ['./pic.png'] }), 'messages[0].images[0]', /paths and addresses are not read/],
    [only({ role: 'user', images: ['https://a.example/a.png'] }), 'messages[0].images[0]', /base64/],
    [only({ role: 'user', images: [`data:image/png;base64,${png}`] }), 'messages[0].images[0]', /alone/],
    [only({ role: 'assistant', thinking: 7 }), 'messages[0].thinking', /must be a string/],
    [only({ role: 'assistant', tool_calls: {} }), 'messages[0].tool_calls', /must be a list/],
    [only({ role: 'assistant', tool_calls: [{}] }), 'messages[0].tool_calls[0].function', /must be an object/],
    [
      only({ role: 'assistant', tool_calls: [{ function: {} }] }),
      'messages[0].tool_calls[0].function.name',
      /must be a string/,
    ],
    [
      only({ role: 'assistant', tool_calls: [{ function: { name: 'f', arguments: '{}' } }] }),
      'messages[0].tool_calls[0].function.arguments',
      /send it parsed/,
    ],
    [
      only({ role: 'assistant', tool_calls: [{ function: { name: 'f', arguments: [] } }] }),
      'messages[0].tool_calls[0].function.arguments',
      /a list/,
    ],
    [only({ role: 'tool', content: 'x', tool_name: 7 }), 'messages[0].tool_name', /must be a string/],
    [body({ stream: 'yes' }), 'stream', /true or false/],
    [body({ options: [] }), 'options', /must be an object/],
    [body({ options: { temperature: 'hot' } }), 'options.temperature', /must be a number/],
    [body({ options: { num_ctx: 1.5 } }), 'options.num_ctx', /whole/],
    [body({ options: { stop: 'END' } }), 'options.stop', /must be a list/],
    [body({ options: { stop: [7] } }), 'options.stop[0]', /must be a string/],
    [body({ options: { top_k: {} } }), 'options.top_k', /must be a number/],
    [body({ think: 'hard' }), 'think', /"hard"/],
    [body({ think: 7 }), 'think', /a number/],
    [body({ format: 'xml' }), 'format', /"xml"/],
    [body({ format: 7 }), 'format', /a number/],
    [body({ tools: {} }), 'tools', /must be a list/],
    [body({ tools: [{ type: 'function' }] }), 'tools[0].function', /must be an object/],
    [body({ tools: [{ function: { name: '' } }] }), 'tools[0].function.name', /empty/],
    [body({ tools: [{ function: { name: 'f', parameters: 'p' } }] }), 'tools[0].function.parameters', /an object/],
    [body({ keep_alive: 'soon' }), 'keep_alive', /duration/],
    [body({ keep_alive: {} }), 'keep_alive', /must be a number/],
    [body({ top_logprobs: 21 }), 'top_logprobs', /from 0 to 20/],
  ])('%j', (given, param, words) => {
    expect(() => decodeRequest(given)).toThrow(
      expect.objectContaining({ kind: 'invalid-request', param, message: expect.stringMatching(words) }),
    )
  })

  test('is an image beyond the limit', () => {
    const given = only({ role: 'user', images: [png] })
    expect(() => decodeRequest(given, { maxMediaBytes: 7 })).toThrow(
      expect.objectContaining({ code: 'image_too_large', param: 'messages[0].images[0]' }),
    )
    expect(() => decodeRequest(given, { maxMediaBytes: 8 })).not.toThrow()
  })
})
