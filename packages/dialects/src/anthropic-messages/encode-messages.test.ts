import type { Message, ModelFacts, UserPart } from '@switchyard/core/contract'
import { describe, expect, test } from 'vitest'
import { decodeRequest } from './decode-request.ts'
import { encodeRequest } from './encode-request.ts'

const encode = (messages: readonly Message[], facts: ModelFacts = {}, model = 'm') =>
  encodeRequest({ messages }, { model, stream: false, facts })
const sent = (messages: readonly Message[], facts?: ModelFacts, model?: string) =>
  encode(messages, facts, model).body.messages
const warned = (messages: readonly Message[], facts?: ModelFacts, model?: string) =>
  encode(messages, facts, model).warnings.map(warning => warning.setting)
const system = (content: string): Message => ({ role: 'system', content })
const user = (content: string | readonly UserPart[]): Message => ({ role: 'user', content })
const assistant = (content: Extract<Message, { role: 'assistant' }>['content']): Message => ({
  role: 'assistant',
  content,
})
const call = (id: string) => ({ type: 'tool-call', id, name: 'look', input: {} }) as const
const result = (callId: string) => ({ type: 'tool-result', callId, content: 'ok' }) as const
const results = (...ids: string[]): Message => ({ role: 'tool', content: ids.map(result) })
const old: ModelFacts = { apiVersion: '2023-06-01' }
const dialect = 'anthropic-messages'

describe('system messages', () => {
  test('at the beginning go to the top', () => {
    expect(encode([system('A'), user('Hi')]).body).toMatchObject({ system: 'A', messages: [{ role: 'user' }] })
    expect(encode([system('A'), system('B'), user('Hi')]).body.system).toEqual([
      { type: 'text', text: 'A' },
      { type: 'text', text: 'B' },
    ])
    expect(encode([system(' '), user('Hi')]).body).not.toHaveProperty('system')
    expect(encode([{ role: 'system', content: [] }, user('Hi')]).body).not.toHaveProperty('system')
  })

  test('stay behind the user to whom they answer', () => {
    const spoken = [user('Hi'), system('Now.'), assistant('Yes'), user('So?'), system('Last.')]
    expect(sent(spoken)).toEqual([
      { role: 'user', content: 'Hi' },
      { role: 'system', content: 'Now.' },
      { role: 'assistant', content: 'Yes' },
      { role: 'user', content: 'So?' },
      { role: 'system', content: 'Last.' },
    ])
    expect(warned(spoken)).toEqual([])
  })

  test('wait for what the user says next, results of tools included', () => {
    const spoken = [
      user('A'),
      system('1'),
      assistant(''),
      user('B'),
      assistant([call('a')]),
      results('a'),
      system('2'),
      user('C'),
      system('3'),
      assistant('D'),
      system('4'),
      user('E'),
    ]
    expect(sent(spoken)).toMatchObject([
      { role: 'user', content: [{ text: 'A' }, { text: 'B' }] },
      { role: 'system', content: '1' },
      { role: 'assistant', content: [{ type: 'tool_use' }] },
      { role: 'user', content: [{ type: 'tool_result' }, { text: 'C' }] },
      { role: 'system', content: [{ text: '2' }, { text: '3' }] },
      { role: 'assistant', content: 'D' },
      { role: 'user', content: 'E' },
      { role: 'system', content: '4' },
    ])
    expect(warned(spoken)).toEqual([])
  })

  test('that no user comes before go to the top, with a warning', () => {
    for (const spoken of [
      [user('A'), assistant('B'), system('C')],
      [user('A'), assistant('B'), system('C'), assistant('D')],
    ]) {
      expect(encode(spoken).body.system).toBe('C')
      expect(warned(spoken)).toEqual(['messages[2]'])
    }
    expect(encode([user(' '), system('A')]).body).toMatchObject({ system: 'A', messages: [{ content: 'Begin.' }] })
  })

  test('that a model takes at the beginning alone go to the top', () => {
    const spoken = [user('A'), system('B')]
    expect(encode(spoken, { laterSystemMessages: false }).body.system).toBe('B')
    expect(warned(spoken, { laterSystemMessages: false })).toEqual(['messages[1]'])
  })

  test('among the others go to the top in the old version, with a warning', () => {
    const spoken = [system('A'), user('Hi'), { role: 'system', content: [{ type: 'text', text: 'B' }] } as const]
    expect(encode(spoken, old).body).toMatchObject({
      system: [
        { type: 'text', text: 'A' },
        { type: 'text', text: 'B' },
      ],
      messages: [{ role: 'user', content: 'Hi' }],
    })
    expect(warned(spoken, old)).toEqual(['messages[2]'])
  })

  test('that a client put among the others go where the model takes them', () => {
    const messages = [
      { role: 'user', content: 'Hi' },
      { role: 'system', content: 'A' },
    ]
    const request = decodeRequest({ model: 'm', max_tokens: 9, messages })
    expect(encodeRequest(request, { model: 'm', stream: false }).body.messages).toEqual(messages)
    const { body } = encodeRequest(request, { model: 'm', stream: false, facts: old })
    expect(body).toMatchObject({ system: 'A', messages: [{ role: 'user', content: 'Hi' }] })
  })

  test('hold text alone', () => {
    const block = { type: 'text', text: 'own' }
    const parts = [
      { type: 'opaque', origin: 'gemini', value: {} },
      { type: 'opaque', origin: dialect, value: block },
    ] as const
    const spoken: Message[] = [{ role: 'system', content: parts }, user('Hi')]
    expect(encode(spoken).body.system).toEqual([block])
    expect(warned(spoken)).toEqual(['messages[0].content[0]'])
  })
})

describe('turns', () => {
  test('of one role become one message', () => {
    expect(sent([user('A'), user('B'), assistant('C'), assistant([{ type: 'text', text: 'D' }]), user('E')])).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'A' },
          { type: 'text', text: 'B' },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'C' },
          { type: 'text', text: 'D' },
        ],
      },
      { role: 'user', content: 'E' },
    ])
  })

  test('that a client of this dialect told apart stay apart', () => {
    const messages = [
      { role: 'user', content: 'A' },
      { role: 'user', content: 'B' },
    ]
    const request = decodeRequest({ model: 'm', max_tokens: 9, messages })
    expect(sent([...request.messages])).toEqual(messages)
  })

  test('that say nothing are not sent', () => {
    expect(
      sent([user('A'), assistant(''), user(' '), user([{ type: 'text', text: '' }]), assistant([]), user('B')]),
    ).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'A' },
          { type: 'text', text: 'B' },
        ],
      },
    ])
  })

  test('begin with the user', () => {
    expect(sent([system('A')])).toEqual([{ role: 'user', content: 'Begin.' }])
    expect(warned([system('A')])).toEqual(['messages'])
    expect(sent([assistant('Hi'), user('Yes?')])).toEqual([
      { role: 'user', content: 'Begin.' },
      { role: 'assistant', content: 'Hi' },
      { role: 'user', content: 'Yes?' },
    ])
  })

  test('may end with the assistant, but not with white space', () => {
    expect(sent([user('A'), assistant('So \n')])).toMatchObject([{}, { content: 'So' }])
    expect(sent([user('A'), assistant([{ type: 'text', text: 'So ' }])])).toMatchObject([
      {},
      { content: [{ text: 'So' }] },
    ])
    expect(warned([user('A'), assistant('So ')])).toEqual([])
  })

  test('end with the user where the model does not go on from the last words', () => {
    const facts = { capabilities: { prefill: false } } as const
    expect(sent([user('A'), assistant('So ')], facts)).toEqual([
      { role: 'user', content: 'A' },
      { role: 'assistant', content: 'So ' },
      { role: 'user', content: 'Continue.' },
    ])
    expect(warned([user('A'), assistant('So')], facts)).toEqual(['messages'])
  })

  test('that paused go on as they are', () => {
    const block = { type: 'server_tool_use', id: 's', name: 'web_search', input: {} }
    const paused = [user('A'), assistant([{ type: 'opaque', origin: dialect, value: block }])]
    expect(sent(paused, { capabilities: { prefill: false } })).toMatchObject([
      {},
      { role: 'assistant', content: [block] },
    ])
    expect(warned(paused, { capabilities: { prefill: false } })).toEqual([])
  })

  test('have no name', () => {
    expect(warned([{ role: 'user', content: 'A', name: 'ann' }])).toEqual(['messages[0].name'])
  })
})

describe('tool calls', () => {
  test('have all their results in one message, before what the user says', () => {
    expect(sent([user('A'), assistant([call('a'), call('b')]), results('a'), results('b'), user('So?')])).toEqual([
      { role: 'user', content: 'A' },
      {
        role: 'assistant',
        content: [
          { type: 'tool_use', id: 'a', name: 'look', input: {} },
          { type: 'tool_use', id: 'b', name: 'look', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'a', content: 'ok' },
          { type: 'tool_result', tool_use_id: 'b', content: 'ok' },
          { type: 'text', text: 'So?' },
        ],
      },
    ])
  })

  test('get ids of their own where a server numbered them anew in each answer', () => {
    const messages = sent([user('A'), assistant([call('a')]), results('a'), assistant([call('a')]), results('a')])
    const ids = JSON.stringify(messages)
      .match(/"(id|tool_use_id)":"[^"]+"/g)
      ?.map(text => text.split('"')[3])
    expect(ids?.[0]).toBe('a')
    expect(ids?.[1]).toBe('a')
    expect(ids?.[2]).toBe(ids?.[3])
    expect(ids?.[2]).not.toBe('a')
  })

  test('go back under the id that the server gave them', () => {
    const long = `toolu_${'x'.repeat(50)}`
    const wire = [
      { role: 'user', content: 'A' },
      { role: 'assistant', content: [{ type: 'tool_use', id: long, name: 'look', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: long, content: 'ok' }] },
    ]
    const { messages } = decodeRequest({ model: 'm', max_tokens: 9, messages: wire })
    expect(sent([...messages])).toEqual(wire)
  })

  test('whose arguments do not parse go without them', () => {
    const broken = { type: 'tool-call', id: 'a', name: 'look', invalid: { text: '{', reason: 'x' } } as const
    const spoken = [user('A'), assistant([broken]), results('a')]
    expect(sent(spoken)).toMatchObject([{}, { content: [{ input: {} }] }, {}])
    expect(warned(spoken)).toEqual(['messages[1].content[0]'])
  })

  test('that failed say so', () => {
    const failed = { ...result('a'), isError: true, content: [{ type: 'text', text: '' }], cache: {} } as const
    expect(sent([user('A'), assistant([call('a')]), { role: 'tool', content: [failed] }])).toMatchObject([
      {},
      {},
      { content: [{ is_error: true, content: [], cache_control: { type: 'ephemeral' } }] },
    ])
  })
})

describe('what was thought', () => {
  const thought = { type: 'reasoning', text: 'Hm', signature: 's', origin: dialect } as const
  const of = (model: string) => ({ ...thought, extra: { [dialect]: { model } } })
  const loop = (part: Extract<Message, { role: 'assistant' }>['content'][number]) =>
    [user('A'), assistant([part as typeof thought, { type: 'text', text: 'B' }]), user('C')] as const

  test('goes back to its origin', () => {
    expect(sent(loop(thought))).toMatchObject([
      {},
      { content: [{ type: 'thinking', thinking: 'Hm', signature: 's' }, { type: 'text' }] },
      {},
    ])
  })

  test('goes back to the model that thought it, whatever its date', () => {
    expect(JSON.stringify(sent(loop(of('claude-a-20250101')), {}, 'claude-a'))).toContain('thinking')
    expect(JSON.stringify(sent(loop(of('claude-a')), {}, 'claude-a-latest'))).toContain('thinking')
    expect(JSON.stringify(sent(loop(of('claude-a')), {}, 'claude-b'))).not.toContain('thinking')
    expect(warned(loop(of('claude-a')), {}, 'claude-b')).toEqual(['messages[1].content[0]'])
    expect(JSON.stringify(sent(loop(of('claude-a')), {}, 'claude-a'))).not.toContain('"model"')
  })

  test('takes blocks with it that nobody can read', () => {
    const hidden = { type: 'opaque', origin: dialect, value: { type: 'redacted_thinking', data: 'x' } } as const
    const messages = [user('A'), assistant([hidden, of('claude-a'), { type: 'text', text: 'B' }]), user('C')]
    expect(JSON.stringify(sent(messages, {}, 'claude-a'))).toContain('redacted_thinking')
    expect(sent(messages, {}, 'claude-b')).toMatchObject([{}, { content: [{ type: 'text', text: 'B' }] }, {}])
    expect(warned(messages, {}, 'claude-b')).toEqual(['messages[1].content[0]', 'messages[1].content[1]'])
  })

  test('goes nowhere else, and not without its signature', () => {
    for (const part of [{ ...thought, origin: 'gemini' }, { type: 'reasoning', text: 'a', origin: dialect } as const]) {
      expect(JSON.stringify(sent(loop(part)))).not.toContain('thinking')
      expect(warned(loop(part))).toEqual(['messages[1].content[0]'])
    }
  })

  test('and is unsigned is left out of what a client sends, too', () => {
    const content = [
      { type: 'thinking', thinking: 'of others', signature: '' },
      { type: 'text', text: 'B' },
    ]
    const messages = [
      { role: 'user', content: 'A' },
      { role: 'assistant', content },
      { role: 'user', content: 'C' },
    ]
    const request = decodeRequest({ model: 'm', max_tokens: 9, messages })
    const { body, warnings } = encodeRequest(request, { model: 'm', stream: false })
    expect(JSON.stringify(body)).not.toContain('thinking')
    expect(warnings).toHaveLength(1)
  })
})

describe('parts', () => {
  const png = { type: 'base64', mediaType: 'image/jpg', data: 'aGk=' } as const
  const base64 = (mediaType: string, data = 'aGk=') => ({ type: 'base64', mediaType, data }) as const
  const file = (origin: string) => ({ type: 'file', id: 'f', origin }) as const

  test.each<[string, UserPart, unknown]>([
    [
      'an image',
      { type: 'image', source: png },
      { type: 'image', source: { type: 'base64', media_type: 'image/jpeg', data: 'aGk=' } },
    ],
    [
      'an image by its address',
      { type: 'image', source: { type: 'url', url: 'https://a.example/a' } },
      { type: 'image', source: { type: 'url', url: 'https://a.example/a' } },
    ],
    [
      'a stored image',
      { type: 'image', source: file(dialect) },
      { type: 'image', source: { type: 'file', file_id: 'f' } },
    ],
    [
      'a PDF',
      { type: 'document', name: 'a', source: base64('application/pdf') },
      { type: 'document', title: 'a', source: { type: 'base64', media_type: 'application/pdf', data: 'aGk=' } },
    ],
    [
      'a text',
      { type: 'document', source: base64('text/markdown; charset=utf-8', 'w6k=') },
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'é' } },
    ],
    [
      'a JSON text',
      { type: 'document', source: base64('application/json', 'e30=') },
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: '{}' } },
    ],
    [
      'a block of this dialect',
      { type: 'opaque', origin: dialect, value: { type: 'search_result' } },
      { type: 'search_result' },
    ],
  ])('%s goes along', (_, part, block) => {
    expect(sent([user([part])])).toEqual([{ role: 'user', content: [block] }])
    expect(warned([user([part])])).toEqual([])
  })

  test.each<[string, UserPart, RegExp]>([
    ['a sound', { type: 'audio', source: base64('audio/wav') }, /An audio was here/],
    ['an image of another type', { type: 'image', source: base64('image/tiff') }, /An image was here/],
    [
      'an image by an open address',
      { type: 'image', source: { type: 'url', url: 'http://a.example' } },
      /An image was here/,
    ],
    ['an image that others store', { type: 'image', source: file('gemini') }, /An image was here/],
    ['a document of another type', { type: 'document', source: base64('application/msword') }, /A document was here/],
    ['a text that is none', { type: 'document', source: base64('text/plain', '/w==') }, /A document was here/],
    ['an empty text', { type: 'document', source: base64('text/plain', 'IA==') }, /A document was here/],
    ['a block of others', { type: 'opaque', origin: 'gemini', value: {} }, /Something was here/],
    ['a block that is none', { type: 'opaque', origin: dialect, value: 5 }, /Something was here/],
  ])('%s leaves a word in its place, and a warning', (_, part, text) => {
    expect(sent([user([part])])).toMatchObject([{ content: [{ type: 'text', text: expect.stringMatching(text) }] }])
    expect(warned([user([part])])).toEqual(['messages[0].content[0]'])
  })

  test('of the model that only others know are left out', () => {
    const spoken = [
      user('A'),
      assistant([
        { type: 'opaque', origin: 'gemini', value: {} },
        { type: 'text', text: 'B' },
      ]),
      user('C'),
    ]
    expect(sent(spoken)).toMatchObject([{}, { content: [{ type: 'text', text: 'B' }] }, {}])
    expect(warned(spoken)).toEqual(['messages[1].content[0]'])
  })

  test('that the newest version refuses are left out of what a client of the old one sends', () => {
    const document = { type: 'document', source: { type: 'file', file_id: 'f' } }
    const wire = (userText: object, answer: object) => [
      { role: 'user', content: [{ type: 'text', text: 'A', ...userText }] },
      { role: 'assistant', content: [answer, { type: 'text', text: 'B' }] },
      { role: 'user', content: 'C' },
    ]
    const citations = [{ cited_text: 'a' }]
    const request = decodeRequest({ model: 'm', max_tokens: 9, messages: wire({ citations }, document) })
    const ask = (version: string) => encodeRequest(request, { model: 'm', stream: false, version })
    expect(ask('2023-06-01').body.messages).toEqual(wire({ citations }, document))
    expect(JSON.stringify(ask('2026-10-21').body)).not.toMatch(/citations|document/)
    expect(ask('2026-10-21').warnings.map(warning => warning.setting)).toEqual([
      'messages[0].content[0].citations',
      'messages[1].content[0]',
    ])
  })
})
