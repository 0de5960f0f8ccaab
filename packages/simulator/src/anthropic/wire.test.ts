import { afterEach, describe, expect, it } from 'vitest'
import type { ScriptEntry } from '../fault.ts'
import { startSimulator } from '../simulator.ts'
import type { Simulator } from '../simulator-contract.ts'

let simulator: Simulator | undefined

afterEach(async () => {
  await simulator?.close()
  simulator = undefined
})

async function start(...script: readonly ScriptEntry[]): Promise<Simulator> {
  simulator = await startSimulator({ api: 'anthropic' })
  simulator.script(...script)
  return simulator
}

function asking(content: string, rest: object = {}): object {
  return { model: 'claude-sim', max_tokens: 1_000, messages: [{ role: 'user', content }], ...rest }
}

const weather = {
  name: 'get_weather',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
}

async function post(to: Simulator, body: object, headers: Record<string, string> = {}, path = '/v1/messages') {
  const response = await fetch(`${to.baseURL}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-api-key': to.apiKey,
      'anthropic-version': '2026-10-21',
      ...headers,
    },
    body: JSON.stringify(body),
  })
  const text = await response.text()
  const error = text.startsWith('{"type":"error"') ? JSON.parse(text).error : undefined
  return { status: response.status, text, message: error?.message as string | undefined, type: error?.type }
}

describe('lax streams', () => {
  const stream = { ...asking('Hi'), stream: true }

  it('lack their end, their stop reason or their usage', async () => {
    const to = await start({ type: 'no-terminator' }, { type: 'no-finish' }, { type: 'no-usage' })
    const ended = (await post(to, stream)).text
    expect(ended).toContain('"stop_reason":"end_turn"')
    expect(ended).not.toContain('message_stop')
    expect((await post(to, stream)).text).not.toContain('message_delta')
    expect((await post(to, stream)).text).not.toContain('"usage"')
  })

  it('hold comments and broken events', async () => {
    const to = await start([{ type: 'comments' }, { type: 'malformed-event', atEvent: 1 }])
    const { text } = await post(to, stream)
    expect(text.startsWith(': keep-alive\n\nevent: message_start\n')).toBe(true)
    expect(text).toContain('event: content_block_delta\ndata: {"id": "broken\n\n')
  })

  it('cut arguments anywhere, and a whole answer has none then', async () => {
    const call = { name: 'get_weather', arguments: { city: 'Oslo' } }
    const to = await start({ type: 'answer', toolCalls: [call] }, { type: 'answer', toolCalls: [call] })
    const short = asking('Hi', { tools: [weather], max_tokens: 3 })
    expect((await post(to, { ...short, stream: true })).text).toContain('"stop_reason":"max_tokens"')
    expect((await post(to, short)).text).toContain('"input":{}')
  })
})

describe('requests', () => {
  const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=='
  const png = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: pixel } }
  const pdf = { type: 'base64', media_type: 'application/pdf', data: btoa('%PDF-1.7\n') }
  const call = { type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: { city: 'Oslo' } }
  const said = (content: unknown) => ({ messages: [{ role: 'user', content }] })
  const answered = (result: object, ...further: readonly object[]) => ({
    tools: [weather],
    messages: [
      { role: 'user', content: 'Weather?' },
      { role: 'assistant', content: [{ type: 'text', text: 'I ask.' }, call] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', ...result }, ...further] },
    ],
  })
  const question = { type: 'text', text: 'What is it?' }
  const schema = { type: 'object', properties: { a: { type: 'array', items: { type: 'string' }, minItems: 1 } } }

  const cases: readonly (readonly [string, object, string])[] = [
    ['an image', said([png, question]), 'You said: What is it? With it came 1 attachment.'],
    ['an image by address', said([{ type: 'image', source: { type: 'url', url: 'https://a/b.png' } }]), '1 attachment'],
    ['a PDF with a title', said([{ type: 'document', source: pdf, title: 'a', context: 'b' }]), '1 attachment'],
    ['a document by address', said([{ type: 'document', source: { type: 'url', url: 'https://a' } }]), '1 attachment'],
    [
      'a document of text, one of blocks, a stored one and a search result',
      said([
        { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'a b' } },
        { type: 'document', source: { type: 'content', content: [question] } },
        { type: 'document', source: { type: 'file', file_id: 'file_1' } },
        { type: 'search_result', source: 'a', title: 'b', content: [question], citations: { enabled: true } },
        question,
      ]),
      'You said: What is it?',
    ],
    ['a result of text', answered({ content: '7 degrees' }), 'The tools said: 7 degrees'],
    ['a result of blocks', answered({ content: [{ type: 'text', text: 'Cold' }, png] }), 'The tools said: Cold'],
    ['a result of nothing', answered({ is_error: true }, question), 'You said: What is it?'],
    ['turns of the system', { ...said('Hi'), system: [{ type: 'text', text: 'Be brief.' }] }, 'You said: Hi'],
    [
      'a message of the system between the others',
      {
        messages: [
          { role: 'user', content: 'Hi' },
          { role: 'system', content: 'Be brief.' },
        ],
      },
      'You said: Hi',
    ],
    [
      'two messages of the user after another',
      {
        messages: [
          { role: 'user', content: 'One' },
          { role: 'user', content: 'Two' },
        ],
      },
      'You said: Two',
    ],
    [
      'blocks that servers made',
      {
        messages: [
          { role: 'user', content: 'Search' },
          {
            role: 'assistant',
            content: [
              { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'a' } },
              { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [] },
              { type: 'text', text: 'Found.' },
            ],
          },
          { role: 'user', content: 'Go on' },
        ],
        tools: [{ type: 'web_search_20260318', name: 'web_search', max_uses: 3 }],
      },
      'You said: Go on',
    ],
    ['tools that must not be called', { tools: [weather], tool_choice: { type: 'none' } }, 'You said: Hi'],
    ['every other setting', { metadata: { user_id: 'a' }, service_tier: 'auto', inference_geo: 'eu' }, 'You said: Hi'],
    [
      'a schema inside its limits',
      { output_config: { format: { type: 'json_schema', schema: { ...schema, additionalProperties: false } } } },
      '{\\"a\\":[\\"simulated\\"]}',
    ],
  ]
  it.each(cases)('may have %s', async (_, body, text) => {
    const answer = await post(await start(), { ...asking('Hi'), ...body })
    expect([answer.status, answer.message]).toEqual([200, undefined])
    expect(answer.text).toContain(text)
  })

  it('may make the model call a tool, this one, or one at a time', async () => {
    const to = await start()
    const calls = async (tool_choice: object, content = 'Hi') => {
      const { text } = await post(
        to,
        asking(content, { tools: [weather, { ...weather, name: 'get_time' }], tool_choice }),
      )
      return JSON.parse(text).content.map((block: { readonly name?: string }) => block.name)
    }
    expect(await calls({ type: 'any' })).toEqual(['get_weather'])
    expect(await calls({ type: 'tool', name: 'get_time' })).toEqual(['get_time'])
    expect(await calls({ type: 'auto' }, 'Weather in Oslo and Rome?')).toEqual(['get_weather', 'get_weather'])
    const single = { type: 'auto', disable_parallel_tool_use: true }
    expect(await calls(single, 'Weather in Oslo and Rome?')).toEqual(['get_weather'])
  })

  it('cost more for what is in them', async () => {
    const to = await start()
    const tokens = async (rest: object) => JSON.parse((await post(to, asking('Hi', rest))).text).usage.input_tokens
    const plain = await tokens({})
    const costs = [
      [1_600, said([png, { type: 'text', text: 'Hi' }])],
      [
        1_500,
        said([
          { type: 'document', source: pdf },
          { type: 'text', text: 'Hi' },
        ]),
      ],
      [2, { system: 'a b' }],
      [5, { messages: ['Hi', 'b'].map(content => ({ role: 'user', content })) }],
    ] as const
    for (const [cost, rest] of costs) expect(await tokens(rest)).toBe(plain + cost)
    expect(await tokens({ tools: [weather] })).toBeGreaterThan(plain + 16)
  })
})

describe('refusals', () => {
  const user = (content: unknown) => ({ messages: [{ role: 'user', content }] })
  const use = (id: string) => ({ type: 'tool_use', id, name: 'get_weather', input: {} })
  const result = (id: string) => ({ type: 'tool_result', tool_use_id: id, content: 'x' })
  const turns = (...contents: readonly unknown[]) => ({
    messages: contents.map((content, index) => ({ role: index % 2 === 0 ? 'user' : 'assistant', content })),
  })
  const mark = { cache_control: { type: 'ephemeral' } }
  const image = (source: object) => user([{ type: 'image', source }])
  const reasoning = { model: 'claude-sim-reasoning' }
  const budget = { model: 'claude-sim-prefill', thinking: { type: 'enabled', budget_tokens: 1_024 }, max_tokens: 2_000 }
  const tool = (rest: object) => ({ tools: [{ ...weather, ...rest }] })
  const format = (schema: object) => ({ output_config: { format: { type: 'json_schema', schema } } })

  const cases: readonly (readonly [string, object, string | RegExp])[] = [
    ['no cap', { max_tokens: undefined }, 'max_tokens: Field required'],
    ['a cap of nothing', { max_tokens: 0 }, 'max_tokens: Input should be greater than or equal to 1'],
    ['a cap beyond the model', { max_tokens: 64_001 }, /^max_tokens: 64001 > 64000, which is the maximum allowed/],
    ['a temperature', { temperature: 1 }, 'temperature: Extra inputs are not permitted'],
    ['an unknown field', { foo: 1 }, 'foo: Extra inputs are not permitted'],
    ['other metadata', { metadata: { team: 'x' } }, 'metadata.team: Extra inputs are not permitted'],
    [
      'a field of another block',
      user([{ type: 'text', text: 'a', foo: 1 }]),
      'messages.0.content.0.text.foo: Extra inputs are not permitted',
    ],
    ['no messages', { messages: [] }, 'messages: at least one message is required'],
    ['an unknown role', { messages: [{ role: 'tool', content: 'a' }] }, 'messages: Unexpected role "tool".'],
    [
      'an assistant who begins',
      { messages: [{ role: 'assistant', content: 'a' }] },
      'messages: first message must use the "user" role',
    ],
    [
      'a system message that begins',
      { messages: [{ role: 'system', content: 'a' }] },
      /^messages\.0: use the top-level 'system' parameter/,
    ],
    ...[
      ['user', 'assistant', 'system'],
      ['user', 'system', 'user'],
      ['user', 'system', 'system'],
    ].map(
      roles =>
        [
          `a system message out of place (${roles.join(', ')})`,
          { messages: roles.map(role => ({ role, content: 'a' })) },
          /^messages\.\d: a 'system' message must follow/,
        ] as const,
    ),
    ['an empty message', user(''), /^messages\.0: all messages must have non-empty content/],
    ['an empty text', user([{ type: 'text', text: '' }]), 'messages: text content blocks must be non-empty'],
    [
      'a blank text',
      user([{ type: 'text', text: ' \n' }]),
      'messages: text content blocks must contain non-whitespace text',
    ],
    [
      'an empty system text',
      { system: [{ type: 'text', text: '' }] },
      'messages: text content blocks must be non-empty',
    ],
    ['a block of the wrong role', user([use('a')]), /^messages\.0\.content\.0: Input tag 'tool_use' found/],
    [
      'a document of the assistant',
      turns('a', [{ type: 'document', source: {} }], 'b'),
      /^messages\.1\.content\.0: Input tag 'document' found/,
    ],
    [
      'citations of the user',
      user([{ type: 'text', text: 'a', citations: [] }]),
      'messages.0.content.0.text.citations: Extra inputs are not permitted',
    ],
    [
      'a trailing space',
      { ...turns('a', 'b '), model: 'claude-sim-prefill' },
      'messages: final assistant content cannot end with trailing whitespace',
    ],
    [
      'a call without its result',
      turns('a', [use('x')], 'b'),
      /^messages\.1: `tool_use` ids were found without `tool_result` blocks immediately after: x\./,
    ],
    ['a call that is left open', turns('a', [use('x')]), /^messages\.1: `tool_use` ids were found without/],
    ['one result of two', turns('a', [use('x'), use('y')], [result('x')]), /immediately after: y\./],
    [
      'a result behind a text',
      turns('a', [use('x')], [{ type: 'text', text: 'b' }, result('x')]),
      /immediately after: x\./,
    ],
    [
      'a result without its call',
      turns([result('x')]),
      /^messages\.0\.content\.0: unexpected `tool_use_id` found in `tool_result` blocks: x\./,
    ],
    [
      'a result twice',
      turns('a', [use('x')], [result('x'), result('x')]),
      /^messages\.2\.content: each tool_use must have a single result/,
    ],
    ['an id twice', turns('a', [use('x'), use('x')], [result('x')]), 'messages: `tool_use` ids must be unique'],
    [
      'an id of other characters',
      turns('a', [use('a.b')], [result('a.b')]),
      "messages.1.content.0.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'",
    ],
    [
      'arguments that are text',
      turns('a', [{ ...use('x'), input: '{}' }], [result('x')]),
      'messages.1.content.0.tool_use.input: Input should be a valid dictionary',
    ],
    [
      'a foreign signature',
      turns('a', [{ type: 'thinking', thinking: 'b', signature: 'EqQBsim==' }], 'c'),
      'messages.1.content.0: Invalid `signature` in `thinking` block',
    ],
    [
      'foreign redacted thinking',
      turns('a', [{ type: 'redacted_thinking', data: 'EqQBsim==' }], 'c'),
      'messages.1.content.0: Invalid `data` in `redacted_thinking` block',
    ],
    [
      'an image of another type',
      image({ type: 'base64', media_type: 'image/png', data: '/9j/4AAQ' }),
      /^messages\.0\.content\.0\.image\.source\.base64: .* appears to be a image\/jpeg image$/,
    ],
    [
      'an image that is none',
      image({ type: 'base64', media_type: 'image/png', data: 'aGVsbG8=' }),
      'Could not process image',
    ],
    [
      'an image of no base64',
      image({ type: 'base64', media_type: 'image/png', data: 'é' }),
      'messages.0.content.0.image.source.base64.data: Invalid base64 data',
    ],
    [
      'an image of an unknown type',
      image({ type: 'base64', media_type: 'image/tiff', data: 'aaaa' }),
      /media_type: Input should be 'image\/jpeg', 'image\/png', 'image\/gif' or 'image\/webp'$/,
    ],
    [
      'an image without TLS',
      image({ type: 'url', url: 'http://a/b.png' }),
      'messages.0.content.0.image.source.url.url: Only HTTPS URLs are supported.',
    ],
    [
      'a document that is none',
      user([{ type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'aGVsbG8=' } }]),
      /The PDF specified was not valid\.$/,
    ],
    [
      'five marks',
      user(Array.from({ length: 5 }, () => ({ type: 'text', text: 'a', ...mark }))),
      'A maximum of 4 blocks with cache_control may be provided. Found 5.',
    ],
    [
      'a longer lifetime behind a shorter',
      user([
        { type: 'text', text: 'a', ...mark },
        { type: 'text', text: 'b', cache_control: { type: 'ephemeral', ttl: '1h' } },
      ]),
      /^a ttl='1h' cache_control block must not come after a ttl='5m'/,
    ],
    [
      'a lifetime that is not sold',
      user([{ type: 'text', text: 'a', cache_control: { type: 'ephemeral', ttl: '2h' } }]),
      /ttl: Input should be '5m' or '1h'$/,
    ],
    ['a tool without a schema', tool({ input_schema: undefined }), 'tools.0.custom.input_schema: Field required'],
    ['a tool with a bad name', tool({ name: 'a b' }), /^tools\.0\.custom\.name: String should match pattern/],
    ['a tool twice', { tools: [weather, weather] }, 'tools: Tool names must be unique.'],
    [
      'a union at the top',
      tool({ input_schema: { type: 'object', anyOf: [] } }),
      /does not support oneOf, allOf, or anyOf at the top level$/,
    ],
    [
      'a lax schema called strict',
      tool({ strict: true }),
      "tools.0.custom: For 'object' type, 'additionalProperties' must be explicitly set to false",
    ],
    [
      'a choice without tools',
      { tool_choice: { type: 'auto' } },
      'tool_choice: tool_choice may only be specified while providing tools.',
    ],
    [
      'a choice of a tool that is not there',
      { ...tool({}), tool_choice: { type: 'tool', name: 'x' } },
      "tool_choice.tool.name: Tool 'x' not found in provided tools",
    ],
    [
      'a forced call of a model that cannot',
      { ...tool({}), ...reasoning, tool_choice: { type: 'any' } },
      "tool_choice: tool_choice type 'any' is not supported on this model.",
    ],
    [
      'a forced call beside thinking',
      { ...tool({}), tool_choice: { type: 'any' }, thinking: { type: 'adaptive' } },
      'Thinking may not be enabled when tool_choice forces tool use.',
    ],
    [
      'thinking off where it cannot be',
      { ...reasoning, thinking: { type: 'disabled' } },
      '"thinking.type.disabled" is not supported for this model.',
    ],
    [
      'a budget where an effort is meant',
      { thinking: { type: 'enabled', budget_tokens: 2_000 } },
      /^"thinking\.type\.enabled" is not supported for this model\. Use "thinking\.type\.adaptive"/,
    ],
    [
      'an effort where a budget is meant',
      { ...budget, thinking: { type: 'adaptive' } },
      '"thinking.type.adaptive" is not supported for this model.',
    ],
    [
      'thinking of a model that cannot',
      { model: 'claude-sim-small', thinking: { type: 'adaptive' } },
      'adaptive thinking is not supported on this model',
    ],
    [
      'a small budget',
      { ...budget, thinking: { type: 'enabled', budget_tokens: 1_000 } },
      'thinking.enabled.budget_tokens: Input should be greater than or equal to 1024',
    ],
    [
      'a budget beyond the cap',
      { ...budget, max_tokens: 1_024 },
      '`max_tokens` must be greater than `thinking.budget_tokens`.',
    ],
    [
      'a call without the thinking before it',
      { ...budget, ...turns('a', [use('x')], [result('x')]) },
      /^messages\.1\.content\.0\.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`/,
    ],
    [
      'an effort of a model without',
      { model: 'claude-sim-small', output_config: { effort: 'low' } },
      'This model does not support the effort parameter.',
    ],
    ['an unknown effort', { output_config: { effort: 'minimal' } }, /^output_config\.effort: Input should be 'low'/],
    [
      'a lax schema',
      format({ type: 'object' }),
      "output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false",
    ],
    [
      'a bound in a schema',
      format({ type: 'integer', minimum: 1 }),
      "output_config.format.schema: For 'integer' type, property 'minimum' is not supported",
    ],
    [
      'bounds deep in a schema',
      format({ type: 'array', items: { anyOf: [{ type: 'string', minLength: 1, maxLength: 2 }] } }),
      /For 'string' type, properties 'minLength', 'maxLength' are not supported$/,
    ],
    [
      'a blank stop sequence',
      { stop_sequences: [' '] },
      'stop_sequences: each stop sequence must contain non-whitespace',
    ],
    ['a stop that is text', { stop_sequences: 'a' }, 'stop_sequences: Input should be a valid list'],
    ['a stream that is text', { stream: 'yes' }, 'stream: Input should be a valid boolean'],
  ]
  it.each(cases)('%s is refused', async (_, body, message) => {
    const to = await start()
    const refused = await post(to, { ...asking('Hi'), ...body })
    expect([refused.status, refused.type]).toEqual([400, 'invalid_request_error'])
    expect(refused.message).toEqual(typeof message === 'string' ? message : expect.stringMatching(message))
    expect(to.bill.entries).toEqual([])
  })

  it('an unknown model, path or version is refused', async () => {
    const to = await start()
    const model = await post(to, asking('Hi', { model: 'claude-nope' }))
    expect([model.status, model.type, model.message]).toEqual([404, 'not_found_error', 'model: claude-nope'])
    const version = await post(to, asking('Hi'), { 'anthropic-version': '2022-01-01' })
    expect(version.message).toBe('anthropic-version: "2022-01-01" is not a valid version')
    const headers = { 'content-type': 'application/json', 'x-api-key': to.apiKey }
    const body = JSON.stringify(asking('Hi'))
    const missing = await fetch(`${to.baseURL}/v1/messages`, { method: 'POST', headers, body })
    expect(await missing.json()).toMatchObject({ error: { message: 'anthropic-version: header is required' } })
    const path = await fetch(`${to.baseURL}/v1/complete`, { method: 'POST', headers, body })
    expect([path.status, await path.json()]).toMatchObject([404, { type: 'error', error: { type: 'not_found_error' } }])
  })

  it('a request without a key is refused', async () => {
    const none = await post(await start(), asking('Hi'), { 'x-api-key': '' })
    expect([none.status, none.type, none.message]).toEqual([
      401,
      'authentication_error',
      'x-api-key header is required',
    ])
  })

  it('the old version takes a temperature, of models that do', async () => {
    const to = await start()
    const old = { 'anthropic-version': '2023-06-01' }
    const ask = (body: object) => post(to, { ...asking('Hi'), ...body }, old)
    expect((await ask({ model: 'claude-sim-prefill', temperature: 0.2 })).status).toBe(200)
    expect((await ask({ temperature: 0.2 })).message).toBe('`temperature` is not supported for this model.')
    expect((await ask({ model: 'claude-sim-prefill', temperature: 2 })).message).toMatch(
      /^temperature: Input should be less/,
    )
    expect((await ask({ ...budget, temperature: 0.2 })).message).toMatch(
      /may only be set to 1 when thinking is enabled/,
    )
    expect((await ask({ messages: [{ role: 'system', content: 'a' }] })).message).toMatch(
      /top-level `system` parameter/,
    )
  })

  it('token counting refuses what only an answer can have', async () => {
    const refused = await post(await start(), asking('Hi'), {}, '/v1/messages/count_tokens')
    expect(refused.message).toBe('max_tokens: Extra inputs are not permitted')
  })
})
