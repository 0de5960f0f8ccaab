import { SwitchyardError } from '@switchyard/core/contract'
import { describe, expect, test } from 'vitest'
import { type DecodeRequestOptions, decodeRequest } from './decode-request.ts'
import { functionCallExpected, streamUsageRequested } from './request-fields.ts'

const user = { role: 'user', content: 'Hi' }
const call = (id: string, name = 'look') => ({ id, type: 'function', function: { name, arguments: '{}' } })
const calling = (...ids: string[]) => ({ role: 'assistant', content: null, tool_calls: ids.map(id => call(id)) })
const answer = (id: string) => ({ role: 'tool', tool_call_id: id, content: 'seen' })
const ask = (fields: object) => ({ model: 'm', messages: [user], ...fields })
const talk = (...messages: unknown[]) => ({ model: 'm', messages })
const image = (url: string) => talk({ role: 'user', content: [{ type: 'image_url', image_url: { url } }] })
const part = (content: object) => talk({ role: 'user', content: [content] })
const tool = { type: 'function', function: { name: 'look' } }
const format = (schema: object) => ask({ response_format: { type: 'json_schema', json_schema: schema } })

function refusal(body: unknown, options?: DecodeRequestOptions): SwitchyardError {
  try {
    decodeRequest(body, options)
  } catch (error) {
    if (error instanceof SwitchyardError) return error
    throw error
  }
  throw new Error('the body was taken')
}

describe('decodeRequest refuses', () => {
  test.each<[string, unknown, string, RegExp]>([
    ['text', 'hi', 'body', /must be a JSON object/],
    ['a list', [], 'body', /and is a list/],
    ['no model', { messages: [user] }, 'model', /is missing/],
    ['an empty model', { model: '', messages: [user] }, 'model', /is missing/],
    ['a model of another type', { model: 7, messages: [user] }, 'model', /must be a string, and is a number/],
    ['no messages', { model: 'm' }, 'messages', /is missing/],
    ['empty messages', talk(), 'messages', /is empty/],
    ['messages that are no list', { model: 'm', messages: {} }, 'messages', /must be a list, and is an object/],
    ['a message that is no object', talk('hi'), 'messages[0]', /must be an object/],
    ['a message without a role', talk({ content: 'x' }), 'messages[0].role', /and is nothing/],
    ['an unknown role', talk({ role: 'wizard', content: '' }), 'messages[0].role', /is "wizard"; it must be system/],
    ['no content', talk(user, { role: 'user' }), 'messages[1].content', /a string or a list/],
    [
      'an empty list as content',
      talk({ role: 'user', content: [] }),
      'messages[0].content',
      /must not be an empty list/,
    ],
    ['an assistant with nothing', talk({ role: 'assistant', content: null }), 'messages[0].content', /is missing/],
    ['a part without a type', part({ text: 'x' }), 'messages[0].content[0].type', /must be a string/],
    ['a text part without text', part({ type: 'text' }), 'messages[0].content[0].text', /must be a string/],
    [
      'a refusal of the user',
      part({ type: 'refusal', refusal: 'no' }),
      'messages[0].content[0].type',
      /use it in role "assistant"/,
    ],
    [
      'an image of the system',
      talk({ role: 'system', content: [{ type: 'image_url', image_url: { url: 'https://a.example/b' } }] }),
      'messages[0].content[0].type',
      /may not be "image_url"/,
    ],
    [
      'an image without an object',
      part({ type: 'image_url', image_url: 'x' }),
      'messages[0].content[0].image_url',
      /must be an object/,
    ],
    [
      'an image of another scheme',
      image('file:///etc/passwd'),
      'messages[0].content[0].image_url.url',
      /http\(s\) URL or a data URL/,
    ],
    ['a malformed data URL', image('data:image/png,abc'), 'messages[0].content[0].image_url.url', /malformed data URL/],
    ['broken base64', image('data:image/png;base64,a*b'), 'messages[0].content[0].image_url.url', /not valid base64/],
    [
      'broken sound',
      part({ type: 'input_audio', input_audio: { data: '!', format: 'wav' } }),
      'messages[0].content[0].input_audio.data',
      /not valid base64/,
    ],
    [
      'a file without anything',
      part({ type: 'file', file: {} }),
      'messages[0].content[0].file',
      /must have file_id, or file_data/,
    ],
    [
      'a file that is no data URL',
      part({ type: 'file', file: { file_data: 'abcd' } }),
      'messages[0].content[0].file.file_data',
      /malformed data URL/,
    ],
    [
      'an answer to no call',
      talk(user, answer('call_1')),
      'messages[1].tool_call_id',
      /\("call_1"\) answers no earlier tool call/,
    ],
    [
      'a call answered twice',
      talk(calling('a'), answer('a'), answer('a')),
      'messages[2].tool_call_id',
      /answered already/,
    ],
    [
      'a tool message without an id',
      talk(calling('a'), { role: 'tool', content: '' }),
      'messages[1].tool_call_id',
      /must be a string/,
    ],
    [
      'a call unanswered before the next turn',
      talk(calling('a', 'b'), answer('a'), user),
      'messages[0].tool_calls[1].id',
      /\("b"\) is not answered before messages\[2\]/,
    ],
    ['a call unanswered at the end', talk(calling('a')), 'messages[0].tool_calls[0].id', /the end of the conversation/],
    ['one id for two calls', talk(calling('a', 'a'), answer('a')), 'messages[0].tool_calls[1].id', /used twice/],
    [
      'a call without an id',
      talk({ role: 'assistant', tool_calls: [call('')] }),
      'messages[0].tool_calls[0].id',
      /is empty/,
    ],
    [
      'a call without a name',
      talk({ role: 'assistant', tool_calls: [call('a', '')] }),
      'messages[0].tool_calls[0].function.name',
      /is empty/,
    ],
    [
      'arguments that are no text',
      talk({ role: 'assistant', tool_calls: [{ id: 'a', function: { name: 'b', arguments: {} } }] }),
      'messages[0].tool_calls[0].function.arguments',
      /must be a string, and is an object/,
    ],
    [
      'a function answer to no call',
      talk({ role: 'function', name: 'look', content: '' }),
      'messages[0].name',
      /answers no earlier function_call/,
    ],
    ['a hot temperature', ask({ temperature: 2.1 }), 'temperature', /must be from 0 to 2, and is 2.1/],
    ['a temperature of text', ask({ temperature: 'hot' }), 'temperature', /must be a number, and is a string/],
    ['a high top_p', ask({ top_p: 1.5 }), 'top_p', /from 0 to 1/],
    ['a penalty', ask({ presence_penalty: -3 }), 'presence_penalty', /from -2 to 2/],
    ['a negative cap', ask({ max_tokens: -1 }), 'max_tokens', /must be at least 1, and is -1/],
    ['a broken cap', ask({ max_completion_tokens: 1.5 }), 'max_completion_tokens', /whole number/],
    ['five stops', ask({ stop: ['a', 'b', 'c', 'd', 'e'] }), 'stop', /holds 5 sequences; at most 4/],
    ['a stop of numbers', ask({ stop: [1] }), 'stop[0]', /must be a string/],
    ['a stop that is neither', ask({ stop: 5 }), 'stop', /must be a list/],
    ['no choices at all', ask({ n: 0 }), 'n', /from 1 to 128/],
    ['a seed of halves', ask({ seed: 0.5 }), 'seed', /whole number/],
    ['a stream of text', ask({ stream: 'yes' }), 'stream', /must be true or false, and is a string/],
    [
      'stream options alone',
      ask({ stream_options: { include_usage: true } }),
      'stream_options',
      /only taken with stream: true/,
    ],
    ['top_logprobs alone', ask({ top_logprobs: 3 }), 'top_logprobs', /needs logprobs: true/],
    ['a bias of text', ask({ logit_bias: { 5: 'a' } }), 'logit_bias.5', /must be a number/],
    ['a wild bias', ask({ logit_bias: { 5: 101 } }), 'logit_bias.5', /from -100 to 100/],
    ['sound without a voice', ask({ modalities: ['audio'] }), 'audio', /is missing; modalities with "audio"/],
    ['metadata of numbers', ask({ metadata: { a: 1 } }), 'metadata.a', /must be a string/],
    [
      'a tool without a name',
      ask({ tools: [{ type: 'function', function: {} }] }),
      'tools[0].function.name',
      /must be a string/,
    ],
    [
      'a tool with a bad name',
      ask({ tools: [{ type: 'function', function: { name: 'a b' } }] }),
      'tools[0].function.name',
      /1 to 64 letters/,
    ],
    ['a tool without a type', ask({ tools: [{ function: { name: 'a' } }] }), 'tools[0].type', /must be a string/],
    [
      'parameters of text',
      ask({ tools: [{ type: 'function', function: { name: 'a', parameters: 'x' } }] }),
      'tools[0].function.parameters',
      /must be an object/,
    ],
    ['functions beside tools', ask({ tools: [tool], functions: [{ name: 'a' }] }), 'functions', /beside tools/],
    [
      'a choice of an unknown tool',
      ask({ tools: [tool], tool_choice: { type: 'function', function: { name: 'hear' } } }),
      'tool_choice',
      /the tool "hear", which is not among/,
    ],
    [
      'an allowed tool that is unknown',
      ask({
        tools: [tool],
        tool_choice: {
          type: 'allowed_tools',
          allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: { name: 'hear' } }] },
        },
      }),
      'tool_choice',
      /"hear"/,
    ],
    ['a choice of no kind', ask({ tools: [tool], tool_choice: 'any' }), 'tool_choice', /is "any"; it must be "none"/],
    ['a choice of a number', ask({ tools: [tool], tool_choice: 5 }), 'tool_choice', /is a number; it must be/],
    ['a choice without a type', ask({ tools: [tool], tool_choice: {} }), 'tool_choice.type', /is missing/],
    [
      'a function choice without a name',
      ask({ tools: [tool], tool_choice: { type: 'function' } }),
      'tool_choice.function.name',
      /must name a function/,
    ],
    ['a required tool without tools', ask({ tool_choice: 'required' }), 'tool_choice', /has no tools/],
    [
      'a function_call of no kind',
      ask({ functions: [{ name: 'a' }], function_call: 'required' }),
      'function_call',
      /it must be "none", "auto" or/,
    ],
    [
      'a function_call without a name',
      ask({ functions: [{ name: 'a' }], function_call: {} }),
      'function_call',
      /it must be "none", "auto" or/,
    ],
    ['a format that is no object', ask({ response_format: 'json' }), 'response_format', /must be an object/],
    ['a format without a type', ask({ response_format: {} }), 'response_format.type', /must be a string/],
    ['a schema without a name', format({ schema: {} }), 'response_format.json_schema.name', /must be a string/],
    ['a schema with a bad name', format({ name: 'a b', schema: {} }), 'response_format.json_schema.name', /1 to 64/],
    ['no schema', format({ name: 'a' }), 'response_format.json_schema.schema', /is missing/],
    [
      'a schema that is a list',
      format({ name: 'a', schema: [] }),
      'response_format.json_schema.schema',
      /must be an object/,
    ],
    ['an effort of a number', ask({ reasoning_effort: 3 }), 'reasoning_effort', /must be a string/],
  ])('%s', (_, body, param, message) => {
    const error = refusal(body)
    expect(error.kind).toBe('invalid-request')
    expect(error.param).toBe(param)
    expect(error.message).toMatch(message)
    expect(error.message.startsWith(param)).toBe(true)
  })

  test('media beyond the limit', () => {
    const error = refusal(image('data:image/png;base64,aGVsbG8='), { maxMediaBytes: 4 })
    expect(error).toMatchObject({ code: 'image_too_large', param: 'messages[0].content[0].image_url.url' })
    expect(error.message).toContain('holds 5 bytes, and at most 4')
    expect(decodeRequest(image('data:image/png;base64,aGVsbG8='), { maxMediaBytes: 5 }).messages).toHaveLength(1)
  })
})

describe('decodeRequest', () => {
  test('reads every setting', () => {
    const schema = { type: 'object' }
    expect(
      decodeRequest({
        ...ask({ tools: [{ type: 'function', function: { name: 'look', parameters: schema, strict: true } }] }),
        temperature: 0.5,
        top_p: 0.9,
        max_completion_tokens: 50,
        stop: 'END',
        frequency_penalty: 1,
        presence_penalty: -1,
        seed: 7,
        tool_choice: { type: 'function', function: { name: 'look' } },
        parallel_tool_calls: false,
        response_format: { type: 'json_schema', json_schema: { name: 'place', schema, strict: true } },
        reasoning_effort: 'low',
        metadata: { team: 'red' },
        prompt_cache_key: 'k',
        stream: true,
      }),
    ).toEqual({
      model: 'm',
      messages: [{ role: 'user', content: 'Hi' }],
      stream: true,
      temperature: 0.5,
      topP: 0.9,
      maxOutputTokens: 50,
      stop: ['END'],
      frequencyPenalty: 1,
      presencePenalty: -1,
      seed: 7,
      tools: [{ name: 'look', parameters: schema, strict: true }],
      toolChoice: { type: 'tool', name: 'look' },
      parallelToolCalls: false,
      responseFormat: { type: 'json-schema', name: 'place', schema, strict: true },
      reasoningEffort: 'low',
      metadata: { team: 'red' },
      cacheKey: 'k',
      extra: { 'openai-chat': { stop: 'END' } },
    })
  })

  test('takes a default model', () => {
    expect(decodeRequest({ messages: [user] }, { defaultModel: 'fast' }).model).toBe('fast')
  })

  test('makes ids that do not fit into ones that do, alike in the call and in its answer', () => {
    const { messages } = decodeRequest(talk(calling('functions.look:0'), answer('functions.look:0')))
    const [called] = (messages[0]?.content ?? []) as unknown as { id: string }[]
    const [result] = (messages[1]?.content ?? []) as unknown as { callId: string }[]
    expect(called?.id).toMatch(/^[A-Za-z0-9_-]{1,40}$/)
    expect(result?.callId).toBe(called?.id)
  })

  test('gives an id that comes again in a later turn another name', () => {
    const { messages } = decodeRequest(talk(calling('a'), answer('a'), user, calling('a'), answer('a')))
    const id = (at: number) => ((messages[at]?.content ?? []) as unknown as { id: string }[])[0]?.id
    const answered = ((messages[4]?.content ?? []) as unknown as { callId: string }[])[0]?.callId
    expect(id(0)).toBe('a')
    expect(id(3)).not.toBe('a')
    expect(answered).toBe(id(3))
  })

  test('binds a request to this dialect where something would be lost, and says to what', () => {
    const bound = decodeRequest({
      ...ask({ n: 2, logprobs: true, top_logprobs: 2, x_new: 1, reasoning_effort: 'galactic' }),
      logit_bias: { 5: 1 },
      modalities: ['text', 'audio'],
      audio: { voice: 'v', format: 'wav' },
      web_search_options: {},
      tools: [{ type: 'web_search' }, { ...tool, x_tool: true }],
      messages: [{ ...user, x_message: 1 }, part({ type: 'video_url', video_url: {} }).messages[0]],
    }).boundTo
    expect(bound?.dialect).toBe('openai-chat')
    expect([...(bound?.fields ?? [])].sort()).toEqual(
      [
        'audio',
        'logit_bias',
        'logprobs',
        'messages[0].x_message',
        'messages[1].content[0]',
        'modalities',
        'n',
        'reasoning_effort',
        'tools[0]',
        'tools[1].x_tool',
        'top_logprobs',
        'web_search_options',
        'x_new',
      ].sort(),
    )
  })

  test('does not bind a request for hints, or for what says nothing', () => {
    const request = decodeRequest({
      ...ask({ n: 1, logprobs: false, modalities: ['text'], logit_bias: {}, x_new: null, stream: true }),
      user: 'u',
      store: false,
      service_tier: 'auto',
      safety_identifier: 's',
      prediction: { type: 'content', content: 'x' },
      verbosity: 'low',
      stream_options: { include_usage: true },
      stop: null,
      messages: [user, { role: 'assistant', content: 'x', refusal: null, annotations: [], audio: null }, user],
      response_format: { type: 'json_schema', json_schema: { name: 'a', schema: {}, strict: null } },
      tools: [{ type: 'function', function: { name: 'look', description: null } }],
    })
    expect(request.boundTo).toBeUndefined()
    expect(request.extra?.['openai-chat']).toMatchObject({ user: 'u', prediction: { type: 'content' } })
  })

  test('keeps who spoke as developer', () => {
    const { messages } = decodeRequest(talk({ role: 'developer', content: 'Be kind.' }, { ...user, name: 'ann' }))
    expect(messages).toEqual([
      { role: 'system', content: 'Be kind.', extra: { 'openai-chat': { role: 'developer' } } },
      { role: 'user', content: 'Hi', name: 'ann' },
    ])
  })

  test('reads every kind of part', () => {
    const { messages } = decodeRequest(
      talk({
        role: 'user',
        content: [
          { type: 'text', text: 'see', cache_control: { type: 'ephemeral', ttl: '1h' } },
          { type: 'text', text: 'hear', cache_control: { type: 'ephemeral' } },
          { type: 'image_url', image_url: { url: 'https://a.example/b.png', detail: 'low' } },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,aGVsbG8=' } },
          { type: 'input_audio', input_audio: { data: 'aGVsbG8=', format: 'mp3' } },
          { type: 'file', file: { file_id: 'file-1' } },
          { type: 'file', file: { file_data: 'data:application/pdf;base64,aGVsbG8=', filename: 'a.pdf' } },
        ],
      }),
    )
    expect(messages[0]?.content).toMatchObject([
      { type: 'text', text: 'see', cache: { lifetime: '1h' } },
      { type: 'text', text: 'hear', cache: {} },
      { type: 'image', source: { type: 'url', url: 'https://a.example/b.png' }, detail: 'low' },
      { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'aGVsbG8=' } },
      { type: 'audio', source: { type: 'base64', mediaType: 'audio/mpeg' } },
      { type: 'document', source: { type: 'file', id: 'file-1', origin: 'openai-chat' } },
      { type: 'document', source: { type: 'base64', mediaType: 'application/pdf' }, name: 'a.pdf' },
    ])
  })

  test('takes the legacy functions, and remembers that the client speaks of them', () => {
    const request = decodeRequest({
      model: 'm',
      functions: [{ name: 'look', parameters: { type: 'object' } }],
      function_call: { name: 'look' },
      messages: [
        user,
        { role: 'assistant', content: null, function_call: { name: 'look', arguments: '{"a":1}' } },
        { role: 'function', name: 'look', content: null },
      ],
    })
    expect(request.tools).toEqual([{ name: 'look', parameters: { type: 'object' } }])
    expect(request.toolChoice).toEqual({ type: 'tool', name: 'look' })
    expect(functionCallExpected(request)).toBe(true)
    const [called] = (request.messages[1]?.content ?? []) as unknown as { id: string; input: unknown }[]
    expect(called?.input).toEqual({ a: 1 })
    expect(request.messages[2]?.content).toMatchObject([{ callId: called?.id, name: 'look', content: '' }])
  })

  test('tells whether the client wants usage in its stream', () => {
    expect(streamUsageRequested(decodeRequest(ask({ stream: true })))).toBe(false)
    const asked = ask({ stream: true, stream_options: { include_usage: true } })
    expect(streamUsageRequested(decodeRequest(asked))).toBe(true)
    expect(functionCallExpected(decodeRequest(asked))).toBe(false)
  })
})
