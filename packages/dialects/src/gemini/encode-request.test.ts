import type { JsonObject, Message, MessageRequest, ModelFacts } from '@switchyard/core/contract'
import { describe, expect, test } from 'vitest'
import { encodeRequest } from './encode-request.ts'

const user = (content: string) => ({ role: 'user', content }) as const
const textTurn = (role: string, text: string) => ({ role, parts: [{ text }] })

function encode(request: Partial<MessageRequest>, facts?: ModelFacts) {
  return encodeRequest({ messages: [user('hi')], ...request }, { model: 'm', ...(facts && { facts }) })
}
const contentsOf = (messages: readonly Message[], facts?: ModelFacts) => encode({ messages }, facts).body.contents
const settingsOf = (request: Partial<MessageRequest>, facts?: ModelFacts) =>
  encode(request, facts).warnings.map(warning => warning.setting)
const configOf = (request: Partial<MessageRequest>, facts?: ModelFacts) => encode(request, facts).body.generationConfig

const call = (id: string, more: object = {}) =>
  ({ type: 'tool-call', id, name: 'look', input: { a: 1 }, ...more }) as const
const result = (callId: string, content = 'done') => ({ type: 'tool-result', callId, content }) as const

describe('turns', () => {
  test('alternate: messages of one side that follow one another are one turn', () => {
    const messages: Message[] = [
      user('a'),
      user('b'),
      { role: 'assistant', content: 'c' },
      { role: 'assistant', content: [{ type: 'text', text: 'd' }] },
      user('e'),
    ]
    expect(contentsOf(messages)).toEqual([
      { role: 'user', parts: [{ text: 'a' }, { text: 'b' }] },
      { role: 'model', parts: [{ text: 'c' }, { text: 'd' }] },
      textTurn('user', 'e'),
    ])
  })

  test('that say nothing are left out', () => {
    const messages: Message[] = [
      user('a'),
      { role: 'assistant', content: [] },
      { role: 'assistant', content: '' },
      { role: 'user', content: [{ type: 'text', text: '' }] },
      user('b'),
    ]
    expect(contentsOf(messages)).toEqual([{ role: 'user', parts: [{ text: 'a' }, { text: 'b' }] }])
  })

  test('begin with the user, in words where nobody asked', () => {
    const { body, warnings } = encode({ messages: [{ role: 'assistant', content: 'Welcome.' }, user('hi')] })
    expect((body.contents as { role: string }[]).map(({ role }) => role)).toEqual(['user', 'model', 'user'])
    expect(warnings).toMatchObject([{ setting: 'messages' }])
  })

  test('end with the user, in words where the model does not go on from its own', () => {
    const messages: Message[] = [user('hi'), { role: 'assistant', content: 'So' }]
    const ended = encode({ messages }, { capabilities: { prefill: false } })
    expect((ended.body.contents as object[]).at(-1)).toEqual(textTurn('user', 'Continue.'))
    expect(ended.warnings).toMatchObject([{ setting: 'messages' }])
    expect((contentsOf(messages) as object[]).at(-1)).toEqual(textTurn('model', 'So'))
    expect(settingsOf({}, { capabilities: { prefill: false } })).toEqual([])
  })

  test('with nothing in them at all are refused', () => {
    expect(() => encode({ messages: [] })).toThrow(/messages holds nothing/)
    expect(() => encode({ messages: [{ role: 'assistant', content: '' }] })).toThrow(/messages holds nothing/)
  })
})

describe('the system', () => {
  test('speaks apart from the contents', () => {
    const { body, warnings } = encode({
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'system', content: [{ type: 'text', text: 'Be kind.' }] },
        user('hi'),
      ],
    })
    expect(body).toEqual({
      systemInstruction: { parts: [{ text: 'Be brief.' }, { text: 'Be kind.' }] },
      contents: [textTurn('user', 'hi')],
    })
    expect(warnings).toEqual([])
  })

  test('is moved to the beginning where it speaks later, with a warning', () => {
    const { body, warnings } = encode({ messages: [user('hi'), { role: 'system', content: 'Stop.' }, user('so')] })
    expect(body.systemInstruction).toEqual({ parts: [{ text: 'Stop.' }] })
    expect(warnings).toMatchObject([{ setting: 'messages[1]' }])
  })

  test('that speaks alone is heard as the user', () => {
    const { body, warnings } = encode({ messages: [{ role: 'system', content: 'Tell a joke.' }] })
    expect(body).toEqual({ contents: [textTurn('user', 'Tell a joke.')] })
    expect(warnings).toMatchObject([{ setting: 'messages' }])
  })

  test('that says nothing is not there', () => {
    expect(encode({ messages: [{ role: 'system', content: '' }, user('hi')] }).body).toEqual({
      contents: [textTurn('user', 'hi')],
    })
  })
})

describe('function calls', () => {
  test('are answered in one turn of the user, in their order and by name', () => {
    const contents = contentsOf([
      user('go'),
      { role: 'assistant', content: [call('a'), call('b', { name: 'find' })] },
      { role: 'tool', content: [result('b', 'two')] },
      { role: 'tool', content: [{ ...result('a', 'broken'), isError: true }] },
    ])
    expect(contents).toMatchObject([
      textTurn('user', 'go'),
      {
        role: 'model',
        parts: [
          { functionCall: { id: 'a', name: 'look', args: { a: 1 } } },
          { functionCall: { id: 'b', name: 'find', args: { a: 1 } } },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { id: 'a', name: 'look', response: { error: 'broken' } } },
          { functionResponse: { id: 'b', name: 'find', response: { output: 'two' } } },
        ],
      },
    ])
  })

  test('that came without an id go back without one, and so do their results', () => {
    const contents = contentsOf([
      user('go'),
      { role: 'assistant', content: [call('call_x', { extra: { gemini: { functionCall: { id: null } } } })] },
      { role: 'tool', content: [result('call_x')] },
    ])
    expect(contents).toMatchObject([
      {},
      { parts: [{ functionCall: { name: 'look', args: { a: 1 } } }] },
      { parts: [{ functionResponse: { name: 'look', response: { output: 'done' } } }] },
    ])
    expect(JSON.stringify(contents)).not.toContain('"id"')
  })

  test('with arguments that are no object are sent without them, with a warning', () => {
    const broken = {
      type: 'tool-call',
      id: 'a',
      name: 'look',
      invalid: { text: '{"a', reason: 'the arguments are not JSON' },
    } as const
    const { body, warnings } = encode({
      messages: [user('go'), { role: 'assistant', content: [broken] }, { role: 'tool', content: [result('a')] }],
    })
    expect(body.contents).toMatchObject([{}, { parts: [{ functionCall: { args: {} } }] }, {}])
    expect(warnings).toMatchObject([{ setting: 'messages[1].content[0]', message: /not JSON/ }])
  })

  test('bring media beside the text of their results', () => {
    const image = { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'aGk=' } } as const
    const remote = { type: 'image', source: { type: 'url', url: 'https://a.example/a.png' } } as const
    const strange = { type: 'opaque', origin: 'openai-chat', value: {} } as const
    const own = { type: 'opaque', origin: 'gemini', value: { fileData: { fileUri: 'gs://a' } } } as const
    const { body, warnings } = encode({
      messages: [
        user('go'),
        { role: 'assistant', content: [call('a')] },
        { role: 'tool', content: [{ type: 'tool-result', callId: 'a', content: [image, remote, strange, own] }] },
      ],
    })
    expect((body.contents as { parts: object[] }[])[2]?.parts).toEqual([
      {
        functionResponse: {
          id: 'a',
          name: 'look',
          response: {
            output: '(An image was here, which cannot be shown.)\n(Something was here, which cannot be shown.)',
          },
          parts: [{ inlineData: { mimeType: 'image/png', data: 'aGk=' } }, { fileData: { fileUri: 'gs://a' } }],
        },
      },
    ])
    expect(warnings.map(warning => warning.setting)).toEqual([
      'messages[2].content[0].content[1]',
      'messages[2].content[0].content[2]',
    ])
  })
})

describe('thought signatures', () => {
  const signed = { extra: { gemini: { thoughtSignature: 'c2ln' } } }
  const partsOf = (messages: readonly Message[], facts?: ModelFacts) =>
    (contentsOf(messages, facts) as { parts: Record<string, unknown>[] }[]).flatMap(({ parts }) => parts)

  test('go back on the parts that they came on', () => {
    const parts = partsOf([
      user('go'),
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'hm', origin: 'gemini', signature: 'c2lnVA==' },
          { type: 'text', text: 'Hello.', extra: { gemini: { thoughtSignature: 'c2ln', signedFrom: 3 } } },
          { type: 'text', text: '', ...signed },
        ],
      },
    ])
    expect(parts.slice(1)).toEqual([
      { text: 'hm', thought: true, thoughtSignature: 'c2lnVA==' },
      { text: 'Hel' },
      { text: 'lo.', thoughtSignature: 'c2ln' },
      { text: '', thoughtSignature: 'c2ln' },
    ])
  })

  test('are made up for the first call of each answer of this turn that has none, and for no other', () => {
    const turn: Message[] = [
      { role: 'assistant', content: [call('a'), call('b')] },
      { role: 'tool', content: [result('a'), result('b')] },
    ]
    const messages: Message[] = [
      user('earlier'),
      ...turn,
      { role: 'assistant', content: 'Done.' },
      user('now'),
      { role: 'assistant', content: [call('c', signed), call('d')] },
      { role: 'tool', content: [result('c'), result('d')] },
      { role: 'assistant', content: [{ type: 'text', text: 'So' }, call('e'), call('f')] },
      { role: 'tool', content: [result('e'), result('f')] },
    ]
    const signatures = partsOf(messages).flatMap(part => (part.functionCall ? [part.thoughtSignature] : []))
    const made = 'skip_thought_signature_validator'
    expect(signatures).toEqual([undefined, undefined, 'c2ln', undefined, made, undefined])
    for (const facts of [{ thinking: 'budget' }, { capabilities: { reasoning: false } }] as const) {
      expect(JSON.stringify(partsOf(messages, facts))).not.toContain(made)
    }
  })

  test('are made up too where the user speaks beside the results: not every server begins a turn there', () => {
    const parts = partsOf([
      user('go'),
      { role: 'assistant', content: [call('a')] },
      { role: 'tool', content: [result('a')] },
      user('And now?'),
    ])
    expect(parts[1]).toMatchObject({ thoughtSignature: 'skip_thought_signature_validator' })
    expect(parts.slice(2)).toMatchObject([{ functionResponse: { name: 'look' } }, { text: 'And now?' }])
  })

  test('of other providers stay there, with what was thought', () => {
    const reasoning = { type: 'reasoning', text: 'hm', origin: 'anthropic-messages', signature: 'theirs' } as const
    const messages: Message[] = [user('go'), { role: 'assistant', content: [reasoning, { type: 'text', text: 'So.' }] }]
    const { body, warnings } = encode({ messages })
    expect(body.contents).toEqual([textTurn('user', 'go'), textTurn('model', 'So.')])
    expect(warnings).toMatchObject([{ setting: 'messages[1].content[0]', message: /anthropic-messages/ }])
  })
})

describe('media', () => {
  const media = (source: object, type = 'image', more: object = {}) =>
    encode({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Look' },
            { type, source, ...more },
          ],
        },
      ] as Message[],
    })
  const partOf = (encoded: ReturnType<typeof media>) => (encoded.body.contents as { parts: object[] }[])[0]?.parts[1]

  test('go along as bytes, and as files that Gemini has', () => {
    const bytes = { type: 'base64', mediaType: 'audio/wav', data: 'aGk=' }
    expect(partOf(media(bytes, 'audio'))).toEqual({ inlineData: { mimeType: 'audio/wav', data: 'aGk=' } })
    const file = { type: 'file', id: 'https://x/files/a', origin: 'gemini', mediaType: 'image/png' }
    expect(partOf(media(file))).toEqual({ fileData: { mimeType: 'image/png', fileUri: 'https://x/files/a' } })
    for (const url of [
      'https://generativelanguage.googleapis.com/v1beta/files/abc',
      'gs://bucket/a.png',
      'https://www.youtube.com/watch?v=a',
      'https://youtu.be/a',
    ]) {
      expect(partOf(media({ type: 'url', url }))).toEqual({ fileData: { fileUri: url } })
    }
  })

  test('in a data URL go along as its bytes', () => {
    const encoded = media({ type: 'url', url: 'data:image/png;base64,aGk=' })
    expect(partOf(encoded)).toEqual({ inlineData: { mimeType: 'image/png', data: 'aGk=' } })
    expect(encoded.warnings).toEqual([])
  })

  test('at any other address are left out with a warning, and refused when strict', () => {
    const elsewhere = { type: 'url', url: 'https://a.example/generativelanguage.googleapis.com/v1/files/a.png' }
    for (const [source, type] of [
      [elsewhere, 'image'],
      [elsewhere, 'audio'],
      [{ type: 'file', id: 'file-1', origin: 'openai-chat' }, 'document'],
    ] as const) {
      const encoded = media(source, type)
      expect(partOf(encoded)).toEqual({ text: expect.stringMatching(/was here, which cannot be shown/) })
      expect(encoded.warnings).toMatchObject([{ setting: 'messages[0].content[1]', message: /by its data/ }])
    }
    const messages = [{ role: 'user', content: [{ type: 'image', source: elsewhere }] }] as Message[]
    expect(() => encodeRequest({ messages }, { model: 'm', strict: true })).toThrow(/messages\[0\]\.content\[0\]/)
  })

  test('lose what the wire has no word for, with a warning', () => {
    const bytes = { type: 'base64', mediaType: 'image/png', data: 'aGk=' }
    expect(media(bytes, 'image', { detail: 'high' }).warnings).toMatchObject([
      { setting: 'messages[0].content[1].detail' },
    ])
    expect(media(bytes, 'image', { detail: 'auto' }).warnings).toEqual([])
    // what people call a document is nothing to the model
    expect(media(bytes, 'document', { name: 'a.pdf' }).warnings).toEqual([])
  })
})

describe('settings', () => {
  test('stand in the generationConfig under its names', () => {
    const request = {
      temperature: 0.3,
      topP: 0.9,
      maxOutputTokens: 50,
      stop: ['END'],
      frequencyPenalty: 0.1,
      presencePenalty: -0.1,
      seed: 7,
    }
    const { stop, ...same } = request
    expect(configOf(request)).toEqual({ ...same, stopSequences: stop })
    expect(encode({}).body).not.toHaveProperty('generationConfig')
  })

  test('that a model is known to refuse are dropped under our names', () => {
    const request = { temperature: 1, topP: 1, frequencyPenalty: 1, presencePenalty: 1, seed: 1, stop: ['a'] }
    const refused = { temperature: false, topP: false, penalties: false, seed: false, stop: false } as const
    expect(settingsOf(request, { capabilities: refused })).toEqual([
      'temperature',
      'topP',
      'frequencyPenalty',
      'presencePenalty',
      'stop',
      'seed',
    ])
    expect(configOf(request, { capabilities: refused })).toBeUndefined()
  })

  test('that the wire cannot say are dropped with a warning', () => {
    expect(settingsOf({ parallelToolCalls: false, metadata: { a: 'b' } })).toEqual(['parallelToolCalls', 'metadata'])
    expect(settingsOf({ parallelToolCalls: true, cacheKey: 'k' })).toEqual([])
    expect(settingsOf({ messages: [{ ...user('hi'), name: 'Ada' }] })).toEqual(['messages[0].name'])
    expect(
      settingsOf({
        tools: [
          { name: 'a', strict: true },
          { name: 'b', strict: false },
        ],
      }),
    ).toEqual(['tools[0].strict'])
  })

  test('of stopping beyond five are left out', () => {
    const stop = ['a', 'b', 'c', 'd', 'e', 'f']
    expect(configOf({ stop })).toEqual({ stopSequences: stop.slice(0, 5) })
    expect(settingsOf({ stop })).toEqual(['stop'])
  })

  test('of safety, and others that only Gemini has, go along from extra', () => {
    const gemini = {
      safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'OFF' }],
      generationConfig: { topK: 5, temperature: 1 },
      toolConfig: { retrievalConfig: { languageCode: 'de' } },
    }
    expect(encode({ temperature: 0, extra: { gemini } }).body).toEqual({
      contents: [textTurn('user', 'hi')],
      safetySettings: gemini.safetySettings,
      generationConfig: { topK: 5, temperature: 0 },
      toolConfig: gemini.toolConfig,
    })
  })

  test('that only another dialect can say are refused', () => {
    const boundTo = { dialect: 'openai-chat', fields: ['logit_bias'] }
    expect(() => encode({ boundTo })).toThrow(expect.objectContaining({ kind: 'unsupported', param: 'logit_bias' }))
  })
})

describe('thinking', () => {
  test('is a level, or a number of tokens where the model counts them', () => {
    expect(configOf({ reasoningEffort: 'low' })).toEqual({
      thinkingConfig: { includeThoughts: true, thinkingLevel: 'LOW' },
    })
    expect(configOf({ reasoningEffort: 'low' }, { thinking: 'budget' })).toEqual({
      thinkingConfig: { includeThoughts: true, thinkingBudget: 1024 },
    })
    expect(configOf({ reasoningEffort: 'max' }, { thinking: 'budget' })).toEqual({
      thinkingConfig: { includeThoughts: true, thinkingBudget: 24_576 },
    })
    expect(configOf({ reasoningEffort: 'none' }, { thinking: 'budget' })).toEqual({
      thinkingConfig: { thinkingBudget: 0 },
    })
  })

  test('that cannot be turned off, or goes no further, is said with a warning', () => {
    for (const [effort, level] of [
      ['none', 'MINIMAL'],
      ['xhigh', 'HIGH'],
    ] as const) {
      expect(configOf({ reasoningEffort: effort })).toMatchObject({ thinkingConfig: { thinkingLevel: level } })
      expect(settingsOf({ reasoningEffort: effort })).toEqual(['reasoningEffort'])
    }
  })

  test('that the model does not take comes as near as it can', () => {
    const facts = { reasoningEfforts: ['low', 'high'] }
    for (const [effort, level] of [
      ['none', 'LOW'],
      ['max', 'HIGH'],
    ] as const) {
      expect(configOf({ reasoningEffort: effort }, facts)).toMatchObject({ thinkingConfig: { thinkingLevel: level } })
      expect(settingsOf({ reasoningEffort: effort }, facts)).toEqual(['reasoningEffort'])
    }
    const counting = { thinking: 'budget', reasoningEfforts: ['minimal', 'high'] } as const
    expect(configOf({ reasoningEffort: 'none' }, counting)).toMatchObject({ thinkingConfig: { thinkingBudget: 512 } })
    expect(configOf({ reasoningEffort: 'max' }, { reasoningEfforts: ['low'] })).toBeUndefined()
    expect(settingsOf({ reasoningEffort: 'max' }, { reasoningEfforts: ['low'] })).toEqual(['reasoningEffort'])
  })

  test('of a kind that the model does not take is dropped', () => {
    for (const facts of [{ reasoningEfforts: ['low', 'high'] }, { capabilities: { reasoning: false } }] as const) {
      expect(configOf({ reasoningEffort: 'medium' }, facts)).toBeUndefined()
      expect(settingsOf({ reasoningEffort: 'medium' }, facts)).toEqual(['reasoningEffort'])
    }
  })

  test('is shown or hidden as the caller says in extra', () => {
    const extra = { gemini: { generationConfig: { thinkingConfig: { includeThoughts: false } } } }
    expect(configOf({ reasoningEffort: 'high', extra })).toEqual({
      thinkingConfig: { includeThoughts: false, thinkingLevel: 'HIGH' },
    })
    expect(configOf({ extra })).toEqual({ thinkingConfig: { includeThoughts: false } })
  })

  describe('as the caller has it in extra', () => {
    const own = (thinkingConfig: JsonObject) => ({ extra: { gemini: { generationConfig: { thinkingConfig } } } })

    test('is sent as it is, unless an effort says other', () => {
      const counted = { thinkingBudget: 2048, includeThoughts: true }
      for (const facts of [undefined, { thinking: 'budget' }] as const)
        expect(configOf(own(counted), facts)).toEqual({ thinkingConfig: counted })
      for (const facts of [undefined, { thinking: 'effort' }] as const)
        expect(configOf(own({ thinkingLevel: 'HIGH' }), facts)).toEqual({ thinkingConfig: { thinkingLevel: 'HIGH' } })
      expect(configOf({ ...own(counted), reasoningEffort: 'low' })).toEqual({
        thinkingConfig: { includeThoughts: true, thinkingLevel: 'LOW' },
      })
    })

    test('is a level where the model counts no tokens, with a warning', () => {
      const request = own({ thinkingBudget: 2048, includeThoughts: false })
      for (const reasoningEffort of [undefined, 'medium'] as const) {
        const { body, warnings } = encode(
          { ...request, ...(reasoningEffort && { reasoningEffort }) },
          { thinking: 'effort' },
        )
        expect(body.generationConfig).toEqual({ thinkingConfig: { includeThoughts: false, thinkingLevel: 'MEDIUM' } })
        expect(warnings).toMatchObject([{ setting: 'reasoningEffort', message: /"medium" is asked for instead/ }])
      }
      expect(settingsOf({ ...request, reasoningEffort: 'low' }, { thinking: 'effort' })).toEqual([])
      expect(configOf(own({ thinkingBudget: -1 }), { thinking: 'effort' })).toBeUndefined()
      expect(settingsOf(own({ thinkingBudget: -1 }), { thinking: 'effort' })).toEqual([])
      expect(settingsOf(own({ thinkingBudget: 0 }), { thinking: 'effort' })).toEqual(['reasoningEffort'])
    })

    test('is a number of tokens where the model knows no levels', () => {
      expect(configOf(own({ thinkingLevel: 'LOW' }), { thinking: 'budget' })).toEqual({
        thinkingConfig: { includeThoughts: true, thinkingBudget: 1024 },
      })
    })

    test('is dropped where the model does not think, with a warning', () => {
      for (const config of [{ thinkingBudget: 2048 }, { thinkingLevel: 'LOW' }, { includeThoughts: true }]) {
        const facts = { capabilities: { reasoning: false } } as const
        expect(configOf(own(config), facts)).toBeUndefined()
        expect(settingsOf(own(config), facts)).toEqual(['reasoningEffort'])
      }
    })
  })
})

describe('formats', () => {
  const schema = { type: 'object' }
  const format = { type: 'json-schema', name: 'person', schema } as const

  test('are a media type, and a schema', () => {
    expect(configOf({ responseFormat: { type: 'json' } })).toEqual({ responseMimeType: 'application/json' })
    expect(configOf({ responseFormat: format })).toEqual({
      responseMimeType: 'application/json',
      responseJsonSchema: schema,
    })
    expect(settingsOf({ responseFormat: { ...format, description: 'a person' } })).toEqual([
      'responseFormat.description',
    ])
  })

  test('that the model does not take become what it takes', () => {
    const capabilities = { jsonSchema: false } as const
    expect(configOf({ responseFormat: format }, { capabilities })).toEqual({ responseMimeType: 'application/json' })
    expect(configOf({ responseFormat: format }, { capabilities: { ...capabilities, json: false } })).toBeUndefined()
    expect(settingsOf({ responseFormat: { type: 'json' } }, { capabilities: { json: false } })).toEqual([
      'responseFormat',
    ])
  })

  test('that came and were changed are not sent as they came', () => {
    const extra = { gemini: { generationConfig: { responseMimeType: 'text/plain' } } }
    expect(configOf({ responseFormat: format, extra })).toMatchObject({ responseMimeType: 'application/json' })
    expect(configOf({ extra })).toBeUndefined()
  })
})

describe('tools', () => {
  const tools = [{ name: 'look' }]
  const chosen = (request: Partial<MessageRequest>, facts?: ModelFacts) =>
    encode({ tools, ...request }, facts).body.toolConfig

  test('of Gemini stand beside functions, and those of others are left out', () => {
    const search = { type: 'opaque', origin: 'gemini', value: { googleSearch: {} } } as const
    const theirs = { type: 'opaque', origin: 'openai-chat', value: { type: 'web_search' } } as const
    const { body, warnings } = encode({ tools: [{ name: 'a' }, theirs, { name: 'b' }, search, { name: 'c' }] })
    expect(body.tools).toEqual([
      { functionDeclarations: [{ name: 'a' }, { name: 'b' }] },
      { googleSearch: {} },
      { functionDeclarations: [{ name: 'c' }] },
    ])
    expect(warnings).toMatchObject([{ setting: 'tools[1]' }])
  })

  test('are chosen by mode and names', () => {
    const config = (mode: string, names?: readonly string[]) => ({
      functionCallingConfig: { mode, ...(names && { allowedFunctionNames: names }) },
    })
    expect(chosen({ toolChoice: { type: 'auto' } })).toEqual(config('AUTO'))
    expect(chosen({ toolChoice: { type: 'none' } })).toEqual(config('NONE'))
    expect(chosen({ toolChoice: { type: 'required' } })).toEqual(config('ANY'))
    expect(chosen({ toolChoice: { type: 'tool', name: 'look' } })).toEqual(config('ANY', ['look']))
    const allowed = { type: 'allowed', names: ['look'] } as const
    expect(chosen({ toolChoice: { ...allowed, required: true } })).toEqual(config('ANY', ['look']))
    expect(chosen({ toolChoice: { ...allowed, required: false } })).toEqual(config('VALIDATED', ['look']))
  })

  test('that there are none of cannot be chosen', () => {
    for (const toolChoice of [{ type: 'required' }, { type: 'allowed', names: ['a'], required: false }] as const)
      expect(settingsOf({ toolChoice })).toEqual(['toolChoice'])
    expect(settingsOf({ toolChoice: { type: 'auto' }, tools: [] })).toEqual([])
    expect(encode({ toolChoice: { type: 'auto' } }).body).not.toHaveProperty('toolConfig')
  })

  test('that the model cannot be made to call are left to it', () => {
    const facts = { forcedToolChoice: false }
    expect(chosen({ toolChoice: { type: 'required' } }, facts)).toEqual({ functionCallingConfig: { mode: 'AUTO' } })
    expect(chosen({ toolChoice: { type: 'allowed', names: ['look'], required: true } }, facts)).toMatchObject({
      functionCallingConfig: { mode: 'VALIDATED' },
    })
    expect(settingsOf({ tools, toolChoice: { type: 'tool', name: 'look' } }, facts)).toEqual(['toolChoice'])
    const none = { capabilities: { toolChoice: false } } as const
    expect(chosen({ toolChoice: { type: 'none' } }, none)).toBeUndefined()
    expect(settingsOf({ tools, toolChoice: { type: 'none' } }, none)).toEqual(['toolChoice'])
  })
})

test('parts that only another dialect knows are left out with a warning', () => {
  const theirs = { type: 'opaque', origin: 'openai-chat', value: { type: 'x' } } as const
  const messages: Message[] = [
    { role: 'user', content: [{ type: 'text', text: 'hi' }, theirs] },
    { role: 'assistant', content: [theirs, { type: 'text', text: 'so' }] },
  ]
  expect(contentsOf(messages)).toEqual([textTurn('user', 'hi'), textTurn('model', 'so')])
  expect(settingsOf({ messages })).toEqual(['messages[0].content[1]', 'messages[1].content[0]'])
})
