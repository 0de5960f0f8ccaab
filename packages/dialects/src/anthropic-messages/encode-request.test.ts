import type { JsonObject, MessageRequest, ModelFacts, SwitchyardError } from '@switchyard/core/contract'
import { describe, expect, test } from 'vitest'
import { decodeRequest } from './decode-request.ts'
import { type EncodeRequestOptions, encodeRequest } from './encode-request.ts'

const hello: MessageRequest = { messages: [{ role: 'user', content: 'Hi' }] }
const old = '2023-06-01'
const encode = (request: Partial<MessageRequest>, options: Partial<EncodeRequestOptions> = {}) =>
  encodeRequest({ ...hello, ...request }, { model: 'm', stream: false, ...options })
const body = (request: Partial<MessageRequest>, facts: ModelFacts = {}) => encode(request, { facts }).body
const warned = (request: Partial<MessageRequest>, facts: ModelFacts = {}) =>
  encode(request, { facts }).warnings.map(warning => warning.setting)
const extra = (fields: JsonObject) => ({ extra: { 'anthropic-messages': fields } })
const tools = [{ name: 'look', parameters: { type: 'object', properties: {} } }, { name: 'hear' }]

describe('the output cap', () => {
  test('is what the request says, else the most that the model gives, else 4,096', () => {
    const capabilities = { maxOutputTokens: 64_000 }
    expect(body({ maxOutputTokens: 7 }, { capabilities }).max_tokens).toBe(7)
    expect(body({}, { capabilities }).max_tokens).toBe(64_000)
    expect(body({}).max_tokens).toBe(4096)
  })

  test('is no more than the model gives', () => {
    const facts = { capabilities: { maxOutputTokens: 10 } }
    expect(body({ maxOutputTokens: 11 }, facts).max_tokens).toBe(10)
    expect(warned({ maxOutputTokens: 11 }, facts)).toEqual(['maxOutputTokens'])
    expect(warned({ maxOutputTokens: 10 }, facts)).toEqual([])
  })
})

describe('the version of the API', () => {
  test('is the one that the provider says, else that of the model, else the newest', () => {
    expect(encode({}, { version: old, facts: { apiVersion: '2026-10-21' } }).version).toBe(old)
    expect(encode({}, { facts: { apiVersion: old } }).version).toBe(old)
    expect(encode({}).version).toBe('2026-10-21')
  })

  test('decides whether sampling can be set', () => {
    const warm = { temperature: 0.5, topP: 0.9, ...extra({ top_k: 3 }) }
    expect(body(warm)).not.toMatchObject({ temperature: 0.5 })
    expect(warned(warm)).toEqual(['temperature', 'topP', 'top_k'])
    expect(body({ ...extra({ top_k: 3 }), topP: 0.9 }, { apiVersion: old })).toMatchObject({ top_p: 0.9, top_k: 3 })
    expect(warned({ temperature: 0.5 }, { apiVersion: old })).toEqual([])
  })

  test('takes a temperature or top_p, not both', () => {
    const both = { temperature: 0.5, topP: 0.9 }
    const { temperature, top_p } = body(both, { apiVersion: old })
    expect([temperature, top_p]).toEqual([0.5, undefined])
    expect(warned(both, { apiVersion: old })).toEqual(['topP'])
  })

  test('leaves a temperature as it is that the model does not take', () => {
    expect(warned({ temperature: 0.5 }, { apiVersion: old, capabilities: { temperature: false } })).toEqual([
      'temperature',
    ])
  })
})

describe('settings', () => {
  test('above what the wire takes are brought down', () => {
    expect(body({ temperature: 1.7 }, { apiVersion: old }).temperature).toBe(1)
    expect(warned({ temperature: 1.7 }, { apiVersion: old })).toEqual(['temperature'])
  })

  test('that the wire has no word for are left out, and refused when strict', () => {
    const more = { seed: 1, frequencyPenalty: 1, presencePenalty: 1, metadata: { user_id: 'u', team: 't' } }
    expect(warned(more)).toEqual(['seed', 'frequencyPenalty', 'presencePenalty', 'metadata.team'])
    expect(body(more)).toEqual({ model: 'm', max_tokens: 4096, messages: hello.messages, metadata: { user_id: 'u' } })
    for (const [name, value] of Object.entries(more)) {
      expect(() => encode({ [name]: value }, { strict: true })).toThrow(new RegExp(name))
    }
  })

  test('stop sequences go along, but for those of white space', () => {
    expect(body({ stop: ['END', ' '] }).stop_sequences).toEqual(['END'])
    expect(warned({ stop: ['END', '\n'] })).toEqual(['stop'])
    expect(body({ stop: [' '] }).stop_sequences).toBeUndefined()
    expect(warned({ stop: ['a'] }, { capabilities: { stop: false } })).toEqual(['stop'])
  })

  test('of another dialect alone are refused', () => {
    const boundTo = { dialect: 'openai-chat', fields: ['n'] }
    expect(() => encode({ boundTo })).toThrow(/openai-chat/)
  })

  test('a stream is asked for', () => {
    expect(encode({}, { stream: true }).body.stream).toBe(true)
    expect(encode({}).body.stream).toBeUndefined()
  })
})

const effortModel: ModelFacts = { thinking: 'effort' }
const budgetModel: ModelFacts = { thinking: 'budget', apiVersion: old, capabilities: { maxOutputTokens: 64_000 } }
const alwaysModel: ModelFacts = { thinking: 'always', forcedToolChoice: false }
const shown = { type: 'adaptive', display: 'summarized' }
const forced = { tools, toolChoice: { type: 'required' } } as const

describe('thinking', () => {
  test.each<[string, Partial<MessageRequest>, ModelFacts, unknown, unknown, readonly string[]]>([
    ["is the server's matter where nothing is said", {}, effortModel, undefined, undefined, []],
    ['is asked for by a word', { reasoningEffort: 'high' }, effortModel, shown, 'high', []],
    ['is asked for by a word where nothing is known', { reasoningEffort: 'max' }, {}, shown, 'max', []],
    [
      'is asked for by the nearest word',
      { reasoningEffort: 'minimal' },
      effortModel,
      shown,
      'low',
      ['reasoningEffort'],
    ],
    ['is turned off', { reasoningEffort: 'none' }, effortModel, { type: 'disabled' }, undefined, []],
    ['is off already', { reasoningEffort: 'none' }, { capabilities: { reasoning: false } }, undefined, undefined, []],
    ['cannot be turned off', { reasoningEffort: 'none' }, alwaysModel, undefined, undefined, ['reasoningEffort']],
    ['is always there, more or less', { reasoningEffort: 'low' }, alwaysModel, shown, 'low', []],
    [
      'is nothing the model does',
      { reasoningEffort: 'low' },
      { capabilities: { reasoning: false } },
      undefined,
      undefined,
      ['reasoningEffort'],
    ],
    [
      'takes no word that the model does not',
      { reasoningEffort: 'max' },
      { ...effortModel, reasoningEfforts: ['low'] },
      shown,
      undefined,
      ['reasoningEffort'],
    ],
    ['is turned off with a budget', { reasoningEffort: 'none' }, budgetModel, { type: 'disabled' }, undefined, []],
    [
      'has the least budget',
      { reasoningEffort: 'minimal' },
      budgetModel,
      { type: 'enabled', budget_tokens: 1024 },
      undefined,
      [],
    ],
    [
      'has a budget',
      { reasoningEffort: 'medium' },
      budgetModel,
      { type: 'enabled', budget_tokens: 8192 },
      undefined,
      [],
    ],
    [
      'has a budget that leaves room for the answer',
      { reasoningEffort: 'max', maxOutputTokens: 10_000 },
      budgetModel,
      { type: 'enabled', budget_tokens: 8000 },
      undefined,
      [],
    ],
    [
      'has no room',
      { reasoningEffort: 'low', maxOutputTokens: 1024 },
      budgetModel,
      undefined,
      undefined,
      ['reasoningEffort'],
    ],
    [
      'gives way to a forced call',
      { reasoningEffort: 'low', ...forced },
      effortModel,
      { type: 'disabled' },
      undefined,
      ['reasoningEffort'],
    ],
    [
      'gives way to a forced call with a budget',
      { reasoningEffort: 'low', ...forced },
      budgetModel,
      undefined,
      undefined,
      ['reasoningEffort'],
    ],
    [
      'goes on beside a forced call in a word that the model does not take',
      { reasoningEffort: 'max', ...forced },
      { thinking: 'always', reasoningEfforts: ['low'] },
      undefined,
      undefined,
      ['reasoningEffort'],
    ],
    [
      'goes on beside a forced call where it cannot be turned off',
      { reasoningEffort: 'low', ...forced },
      { thinking: 'always' },
      undefined,
      'low',
      [],
    ],
    [
      'goes on where a call cannot be forced',
      { reasoningEffort: 'low', ...forced },
      alwaysModel,
      shown,
      'low',
      ['toolChoice'],
    ],
  ])('%s', (_, request, facts, thinking, effort, warnings) => {
    const sent = body(request, facts)
    expect(sent.thinking).toEqual(thinking)
    expect(sent.output_config).toEqual(effort === undefined ? undefined : { effort })
    expect(warned(request, facts)).toEqual(warnings)
  })

  test('gives way to a forced call in the request of a client of this dialect, too', () => {
    const wire = { tools: [{ name: 'a', input_schema: { type: 'object' } }], tool_choice: { type: 'any' } }
    const request = decodeRequest({
      model: 'm',
      max_tokens: 9000,
      messages: hello.messages,
      thinking: { type: 'adaptive', display: 'omitted' },
      ...wire,
    })
    const { body: sent, warnings } = encodeRequest(request, { model: 'm', stream: false, facts: effortModel })
    expect(sent).toMatchObject({ thinking: { type: 'disabled' }, ...wire })
    expect(warnings).toMatchObject([{ setting: 'reasoningEffort' }])
  })

  test('is sent as the caller says it in extra, in a form that the model takes', () => {
    const said = { ...extra({ thinking: { type: 'enabled', budget_tokens: 5000 } }), maxOutputTokens: 20_000 }
    expect(body(said, budgetModel).thinking).toEqual({ type: 'enabled', budget_tokens: 5000 })
    expect(body(said, effortModel)).toMatchObject({ thinking: shown, output_config: { effort: 'medium' } })
    expect(body(said, alwaysModel)).toMatchObject({ thinking: shown, output_config: { effort: 'medium' } })
    expect(body(extra({ thinking: { type: 'adaptive' } }), budgetModel).thinking).toMatchObject({ type: 'enabled' })
    expect(body(extra({ output_config: { effort: 'low' } }), effortModel).output_config).toEqual({ effort: 'low' })
    expect(body({ ...said, reasoningEffort: 'none' }, budgetModel).thinking).toEqual({ type: 'disabled' })
    const small = { ...budgetModel, capabilities: { ...budgetModel.capabilities, maxOutputTokens: 4000 } }
    expect(body(said, small).thinking).toEqual({ type: 'enabled', budget_tokens: 3200 })
  })

  test('that a caller says in extra is left out where the model does not take it', () => {
    const off = extra({ thinking: { type: 'disabled' } })
    const low = extra({ output_config: { effort: 'low' } })
    expect(body(off, { thinking: 'always' }).thinking).toBeUndefined()
    expect(warned(off, { thinking: 'always' })).toEqual(['reasoningEffort'])
    expect(body(low, { capabilities: { reasoning: false } }).output_config).toBeUndefined()
    expect(warned(low, { capabilities: { reasoning: false } })).toEqual(['reasoningEffort'])
  })

  test('needs what was thought before the last calls, where it has a budget', () => {
    const call = { type: 'tool-call', id: 'a', name: 'look', input: {} } as const
    const thought = { type: 'reasoning', text: 'Hm', signature: 's', origin: 'anthropic-messages' } as const
    const loop = (content: MessageRequest['messages'][number]['content']) =>
      ({
        reasoningEffort: 'low',
        messages: [
          ...hello.messages,
          { role: 'assistant', content },
          { role: 'tool', content: [{ type: 'tool-result', callId: 'a', content: 'ok' }] },
        ],
      }) as MessageRequest
    expect(body(loop([call]), budgetModel).thinking).toBeUndefined()
    expect(warned(loop([call]), budgetModel)).toEqual(['reasoningEffort'])
    expect(body(loop([thought, call]), budgetModel).thinking).toMatchObject({ type: 'enabled' })
    expect(body(loop([call]), effortModel).thinking).toEqual(shown)
    const hidden = {
      type: 'opaque',
      origin: 'anthropic-messages',
      value: { type: 'redacted_thinking', data: 'x' },
    } as const
    expect(body(loop([hidden, call]), budgetModel).thinking).toMatchObject({ type: 'enabled' })
  })

  test('needs it once in a turn of several calls', () => {
    const call = (id: string) => ({ type: 'tool-call', id, name: 'look', input: {} }) as const
    const result = (callId: string) => ({ type: 'tool-result', callId, content: 'ok' }) as const
    const thought = { type: 'reasoning', text: 'Hm', signature: 's', origin: 'anthropic-messages' } as const
    const results = (id: string) => ({ role: 'tool', content: [result(id)] }) as const
    const turn = (...between: MessageRequest['messages']): MessageRequest => ({
      reasoningEffort: 'low',
      messages: [
        ...hello.messages,
        { role: 'assistant', content: [thought, call('a')] },
        results('a'),
        ...between,
        { role: 'assistant', content: [call('b')] },
        results('b'),
      ],
    })
    expect(body(turn(), budgetModel).thinking).toMatchObject({ type: 'enabled' })
    expect(warned(turn(), budgetModel)).toEqual([])
    expect(warned(turn({ role: 'user', content: 'And now?' }), budgetModel)).toEqual(['reasoningEffort'])
    const answered = [{ role: 'assistant', content: 'So.' }, ...hello.messages] as const
    expect(warned(turn(...answered), budgetModel)).toEqual(['reasoningEffort'])
  })

  test('has no budget where the model goes on from the last words', () => {
    const messages = [...hello.messages, { role: 'assistant', content: 'So' }] as const
    expect(warned({ reasoningEffort: 'low', messages }, budgetModel)).toEqual(['reasoningEffort'])
  })

  test('takes no temperature beside it in the old version', () => {
    const warm = { reasoningEffort: 'low', temperature: 0.5, topP: 0.5, ...extra({ top_k: 3 }) } as const
    expect(warned(warm, budgetModel)).toEqual(['temperature', 'topP', 'top_k'])
    expect(warned({ reasoningEffort: 'low', topP: 0.97 }, budgetModel)).toEqual([])
    expect(warned({ reasoningEffort: 'low', temperature: 1 }, budgetModel)).toEqual([])
    expect(warned({ reasoningEffort: 'none', temperature: 0.5 }, budgetModel)).toEqual([])
  })

  test.each<[string, JsonObject, ModelFacts, JsonObject]>([
    [
      'a budget for a model that takes words',
      { thinking: { type: 'enabled', budget_tokens: 2048 } },
      effortModel,
      { thinking: shown, output_config: { effort: 'low' } },
    ],
    [
      'a budget for one that takes it',
      { thinking: { type: 'enabled', budget_tokens: 2048 } },
      budgetModel,
      { thinking: { type: 'enabled', budget_tokens: 2048 } },
    ],
    [
      'a word for a model that takes budgets',
      { output_config: { effort: 'low' } },
      budgetModel,
      { thinking: { type: 'enabled', budget_tokens: 2048 } },
    ],
    [
      'thoughts that stay hidden',
      { thinking: { type: 'adaptive', display: 'omitted' } },
      effortModel,
      { thinking: { type: 'adaptive', display: 'omitted' } },
    ],
    ['thoughts that cannot be turned off', { thinking: { type: 'disabled' } }, alwaysModel, {}],
    [
      'thoughts between tools',
      { thinking: { type: 'between_tools' } },
      effortModel,
      { thinking: { type: 'between_tools' } },
    ],
    ['thoughts of one that has none', { thinking: { type: 'adaptive' } }, { capabilities: { reasoning: false } }, {}],
  ])('is translated where the client asked for %s', (_, fields, facts, expected) => {
    const request = decodeRequest({ model: 'm', max_tokens: 9000, messages: hello.messages, ...fields })
    const { thinking, output_config } = encodeRequest(request, { model: 'm', stream: false, facts }).body
    expect({
      ...(thinking !== undefined && { thinking }),
      ...(output_config !== undefined && { output_config }),
    }).toEqual(expected)
  })
})

describe('tools', () => {
  test('go along with their schemas, which are of objects', () => {
    expect(body({ tools: [...tools, { name: 'open', parameters: {}, strict: false }] }).tools).toEqual([
      { name: 'look', input_schema: { type: 'object', properties: {} } },
      { name: 'hear', input_schema: { type: 'object', properties: {} } },
      { name: 'open', input_schema: { type: 'object' }, strict: false },
    ])
  })

  test('lose what their schema says at its top', () => {
    const either = { type: 'object', properties: { a: {} }, anyOf: [{ required: ['a'] }] }
    expect(body({ tools: [{ name: 'a', parameters: either }] }).tools).toMatchObject([
      { input_schema: { type: 'object', properties: { a: {} } } },
    ])
    expect(warned({ tools: [{ name: 'a', parameters: either }] })).toEqual(['tools[0].parameters.anyOf'])
  })

  test('that are strict have schemas that the server can hold arguments to', () => {
    const parameters = { type: 'object', properties: { age: { type: 'integer', minimum: 1 } } }
    expect(body({ tools: [{ name: 'a', parameters, strict: true }] }).tools).toMatchObject([
      { input_schema: { additionalProperties: false, properties: { age: { description: '{"minimum":1}' } } } },
    ])
    expect(warned({ tools: [{ name: 'a', parameters, strict: true }] })).toEqual(['tools[0].parameters'])
  })

  test('of other dialects are left out', () => {
    const foreign = { type: 'opaque', origin: 'gemini', value: { google_search: {} } } as const
    expect(warned({ tools: [foreign] })).toEqual(['tools[0]'])
    expect(body({ tools: [foreign] }).tools).toBeUndefined()
    const own = { type: 'opaque', origin: 'anthropic-messages', value: { type: 'web_search_20260318' } } as const
    expect(body({ tools: [own] }).tools).toEqual([own.value])
  })

  test.each<[Partial<MessageRequest>, unknown]>([
    [{ toolChoice: { type: 'auto' } }, { type: 'auto' }],
    [{ toolChoice: { type: 'required' } }, { type: 'any' }],
    [{ toolChoice: { type: 'none' } }, { type: 'none' }],
    [{ toolChoice: { type: 'tool', name: 'hear' } }, { type: 'tool', name: 'hear' }],
    [{ parallelToolCalls: false }, { type: 'auto', disable_parallel_tool_use: true }],
    [
      { parallelToolCalls: true, toolChoice: { type: 'required' } },
      { type: 'any', disable_parallel_tool_use: false },
    ],
    [{ parallelToolCalls: false, toolChoice: { type: 'none' } }, { type: 'none' }],
    [{ toolChoice: { type: 'allowed', names: ['hear'], required: true } }, { type: 'any' }],
    [{ toolChoice: { type: 'allowed', names: ['hear'], required: false } }, { type: 'auto' }],
  ])('are chosen: %j', (request, choice) => {
    expect(body({ tools, ...request }).tool_choice).toEqual(choice)
    expect(warned({ tools, ...request })).toEqual([])
  })

  test('that may not be chosen are not offered', () => {
    const toolChoice = { type: 'allowed', names: ['hear'], required: false } as const
    expect(body({ tools, toolChoice }).tools).toMatchObject([{ name: 'hear' }])
    const bad = { name: 'hear', strict: true, parameters: { type: 'object', minProperties: 1 } } as const
    expect(warned({ tools: [{ name: 'look' }, bad], toolChoice })).toEqual(['tools[1].parameters'])
  })

  test('cannot be forced on some models', () => {
    expect(body({ ...forced }, alwaysModel).tool_choice).toBeUndefined()
    expect(body({ ...forced, parallelToolCalls: false }, alwaysModel).tool_choice).toEqual({
      type: 'auto',
      disable_parallel_tool_use: true,
    })
    expect(() => encode(forced, { facts: alwaysModel, strict: true })).toThrow(/^toolChoice: /)
  })

  test('are not spoken of where there are none', () => {
    expect(body({ toolChoice: { type: 'auto' }, parallelToolCalls: false }).tool_choice).toBeUndefined()
    expect(warned({ toolChoice: { type: 'required' } })).toEqual(['toolChoice'])
  })

  test('are chosen by the model that takes no choice', () => {
    const facts = { capabilities: { toolChoice: false, parallelToolCalls: false } } as const
    expect(warned({ ...forced, parallelToolCalls: false }, facts)).toEqual(['toolChoice', 'parallelToolCalls'])
    expect(body({ ...forced, parallelToolCalls: false }, facts).tool_choice).toBeUndefined()
  })
})

describe('a format of the answer', () => {
  const schema = { type: 'object', properties: { age: { type: 'integer', minimum: 1 } } }
  const responseFormat = { type: 'json-schema', name: 'person', schema } as const

  test('is a schema that is closed, and says in words what the server cannot hold an answer to', () => {
    expect(body({ responseFormat }).output_config).toEqual({
      format: {
        type: 'json_schema',
        schema: {
          type: 'object',
          properties: { age: { type: 'integer', description: '{"minimum":1}' } },
          additionalProperties: false,
        },
      },
    })
    expect(warned({ responseFormat })).toEqual(['responseFormat.schema'])
  })

  test('goes beside an effort', () => {
    expect(body({ responseFormat, reasoningEffort: 'low' }).output_config).toMatchObject({ effort: 'low', format: {} })
  })

  test('is sent as it came from a client of this dialect', () => {
    const format = { type: 'json_schema', schema }
    const request = decodeRequest({ model: 'm', max_tokens: 9, messages: hello.messages, output_config: { format } })
    expect(encodeRequest(request, { model: 'm', stream: false, strict: true }).body.output_config).toEqual({ format })
  })

  test('without a schema is left out', () => {
    expect(warned({ responseFormat: { type: 'json' } })).toEqual(['responseFormat'])
    expect(warned({ responseFormat: { type: 'text' } })).toEqual([])
    expect(body({ responseFormat: { type: 'text' } }).output_config).toBeUndefined()
    expect(warned({ responseFormat }, { capabilities: { jsonSchema: false } })).toEqual(['responseFormat'])
  })
})

test('a schema that was changed since it came is sent as it is now', () => {
  const format = { type: 'json_schema', schema: { type: 'object', properties: {}, additionalProperties: false } }
  const came = decodeRequest({ model: 'm', max_tokens: 9, messages: hello.messages, output_config: { format } })
  expect(body(came).output_config).toEqual({ format })
  const responseFormat = { type: 'json-schema', name: 'a', schema: { type: 'string' } } as const
  expect(body({ ...came, responseFormat }).output_config).toEqual({
    format: { type: 'json_schema', schema: { type: 'string' } },
  })
})

describe('hints to the cache', () => {
  const part = (lifetime?: string) =>
    ({ type: 'text', text: 'a', cache: lifetime === undefined ? {} : { lifetime } }) as const
  const hinted = (...parts: ReturnType<typeof part>[]) => ({ messages: [{ role: 'user', content: parts }] }) as const
  const controls = (sent: JsonObject) =>
    (sent.messages as readonly { content: readonly JsonObject[] }[]).flatMap(({ content }) =>
      content.map(block => block.cache_control),
    )

  test('are sent with their lifetime', () => {
    expect(controls(body(hinted(part('1h'), part())))).toEqual([
      { type: 'ephemeral', ttl: '1h' },
      { type: 'ephemeral' },
    ])
  })

  test('with a lifetime of others have the usual one', () => {
    expect(controls(body(hinted(part('24h'))))).toEqual([{ type: 'ephemeral' }])
    expect(warned(hinted(part('24h')))).toEqual(['messages[0].content[0].cache'])
  })

  test('are the last four, those of tools and of the system counted', () => {
    const control = { cache_control: { type: 'ephemeral' } }
    const request = {
      tools: [{ name: 'a', ...extra(control) }],
      messages: [{ role: 'system', content: [part()] }, ...hinted(part(), part(), part()).messages],
    } as const
    const sent = body(request)
    expect(sent.tools).toEqual([{ name: 'a', input_schema: { type: 'object', properties: {} } }])
    expect(sent.system).toMatchObject([control])
    expect(controls(sent)).toEqual([{ type: 'ephemeral' }, { type: 'ephemeral' }, { type: 'ephemeral' }])
    expect(warned(request)).toEqual(['cache'])
    expect(() => encode(request, { strict: true })).toThrow(/^cache: /)
  })

  test('count those inside of results, and the one of the whole request', () => {
    const results = {
      messages: [
        ...hello.messages,
        { role: 'assistant', content: [{ type: 'tool-call', id: 'a', name: 'look', input: {} }] },
        { role: 'tool', content: [{ type: 'tool-result', callId: 'a', content: [part(), part()], cache: {} }] },
        { role: 'user', content: [part(), part()] },
      ],
    } as const
    const hints = (sent: JsonObject) => JSON.stringify(sent).match(/cache_control/g)?.length
    expect(hints(body(results))).toBe(4)
    expect(warned(results)).toEqual(['cache'])
    const whole = { ...results, ...extra({ cache_control: { type: 'ephemeral' } }) }
    expect(body(whole).cache_control).toEqual({ type: 'ephemeral' })
    expect(hints(body(whole))).toBe(4)
    expect(hints(body({ ...hinted(part(), part(), part()), ...extra({ cache_control: { type: 'ephemeral' } }) }))).toBe(
      4,
    )
  })

  test('with a long lifetime do not follow a short one', () => {
    expect(controls(body(hinted(part('5m'), part('1h'))))).toEqual([
      { type: 'ephemeral', ttl: '5m' },
      { type: 'ephemeral', ttl: '5m' },
    ])
    expect(warned(hinted(part('5m'), part('1h')))).toEqual(['cache'])
    const long = { ...hinted(part('5m')), ...extra({ cache_control: { type: 'ephemeral', ttl: '1h' } }) }
    expect(body(long).cache_control).toEqual({ type: 'ephemeral', ttl: '5m' })
    expect(warned(long)).toEqual(['cache'])
  })
})

test('an error of a strict request names its setting and its model', () => {
  const error = (() => {
    try {
      encode({ seed: 1 }, { strict: true })
    } catch (thrown) {
      return thrown as SwitchyardError
    }
    return undefined
  })()
  expect(error).toMatchObject({ kind: 'unsupported', param: 'seed', model: 'm' })
})
