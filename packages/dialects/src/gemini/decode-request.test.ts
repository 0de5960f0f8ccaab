import { isSwitchyardError } from '@switchyard/core/contract'
import { describe, expect, test } from 'vitest'
import { decodeRequest } from './decode-request.ts'
import { encodeRequest } from './encode-request.ts'

const content = (role: string, ...parts: unknown[]) => ({ role, parts })
const user = content('user', { text: 'hi' })
const functionCall = (name: string, id?: string) => ({ functionCall: { name, args: {}, ...(id && { id }) } })
const functionResponse = (name: string, id?: string) => ({
  functionResponse: { name, response: { output: name }, ...(id && { id }) },
})

const decode = (body: object) => decodeRequest({ contents: [user], ...body }, { defaultModel: 'm' })

function fault(body: object): string | undefined {
  try {
    decode(body)
  } catch (error) {
    if (isSwitchyardError(error, 'invalid-request')) return error.param
    throw error
  }
  return 'nothing'
}

describe('a request', () => {
  test('names its model in the path, and whether it wants a stream', () => {
    const body = { contents: [user] }
    const options = { defaultModel: 'gemini-3.8-flash', stream: true }
    expect(decodeRequest(body, options)).toEqual({
      model: 'gemini-3.8-flash',
      stream: true,
      messages: [{ role: 'user', content: 'hi' }],
    })
    expect(decodeRequest({ ...body, model: 'models/other' }, options).model).toBe('other')
    expect(() => decodeRequest(body)).toThrow(/model is missing/)
  })

  test('is told which field is at fault, and what would be right', () => {
    expect(() => decodeRequest([])).toThrow(/body must be a JSON object with contents, and is a list/)
    expect(fault({ contents: undefined })).toBe('contents')
    expect(fault({ contents: [] })).toBe('contents')
    expect(fault({ contents: ['hi'] })).toBe('contents[0]')
    expect(fault({ contents: [content('assistant', { text: 'a' })] })).toBe('contents[0].role')
    expect(fault({ contents: [{ role: 'user' }] })).toBe('contents[0].parts')
    expect(fault({ contents: [content('user')] })).toBe('contents[0].parts')
    expect(fault({ contents: [content('user', {})] })).toBe('contents[0].parts[0]')
    expect(fault({ contents: [content('user', { text: 'a', inlineData: {} })] })).toBe('contents[0].parts[0]')
    expect(fault({ contents: [content('user', { text: 1 })] })).toBe('contents[0].parts[0].text')
    expect(fault({ contents: [content('user', functionCall('f'))] })).toBe('contents[0].parts[0].functionCall')
    expect(fault({ contents: [user, content('model', { text: 5 })] })).toBe('contents[1].parts[0].text')
    expect(fault({ systemInstruction: content('user', functionCall('f')) })).toBe('systemInstruction.parts[0]')
    expect(fault({ generationConfig: { temperature: 3 } })).toBe('generationConfig.temperature')
    expect(fault({ generationConfig: { maxOutputTokens: 0 } })).toBe('generationConfig.maxOutputTokens')
    expect(fault({ generationConfig: { candidateCount: 9 } })).toBe('generationConfig.candidateCount')
    expect(fault({ generationConfig: { stopSequences: Array(6).fill('a') } })).toBe('generationConfig.stopSequences')
    expect(fault({ generationConfig: { thinkingConfig: 1 } })).toBe('generationConfig.thinkingConfig')
    expect(fault({ safetySettings: [{ category: 'A' }] })).toBe('safetySettings[0].threshold')
  })

  test('may leave the role of the user out', () => {
    expect(decode({ contents: [{ parts: [{ text: 'hi' }] }] }).messages).toEqual([{ role: 'user', content: 'hi' }])
  })

  test('is bound to Gemini by what only it can do, and not by hints', () => {
    const bound = (body: object) => decode(body).boundTo?.fields
    expect(bound({ cachedContent: 'cachedContents/a' })).toEqual(['cachedContent'])
    expect(bound({ generationConfig: { candidateCount: 2 } })).toEqual(['generationConfig.candidateCount'])
    expect(bound({ generationConfig: { responseModalities: ['IMAGE'] } })).toEqual([
      'generationConfig.responseModalities',
    ])
    expect(bound({ generationConfig: { responseMimeType: 'text/x.enum', responseSchema: {} } })).toEqual([
      'generationConfig.responseMimeType',
    ])
    expect(bound({ tools: [{ googleSearch: {} }] })).toEqual(['tools[0]'])
    expect(bound({ tools: [{ functionDeclarations: [{ name: 'f', behavior: 'BLOCKING' }] }] })).toEqual([
      'tools[0].functionDeclarations[0].behavior',
    ])
    expect(bound({ toolConfig: { retrievalConfig: {} } })).toEqual(['toolConfig.retrievalConfig'])
    expect(bound({ contents: [user, content('model', { executableCode: {} })] })).toEqual(['contents[1].parts[0]'])
    expect(bound({ contents: [content('user', { x: {} })] })).toEqual(['contents[0].parts[0]'])
    const hints = { topK: 3, candidateCount: 1, responseLogprobs: false, responseModalities: ['TEXT'] }
    expect(bound({ safetySettings: [], labels: {}, generationConfig: hints })).toBeUndefined()
  })
})

describe('calls and responses', () => {
  test('belong together by id, else by name and order', () => {
    const { messages } = decode({
      contents: [
        user,
        content('model', functionCall('look'), functionCall('look'), functionCall('find', 'fc-1')),
        content('user', functionResponse('find', 'fc-1'), functionResponse('look'), functionResponse('look'), {
          text: 'so',
        }),
      ],
    })
    const [, assistant, tool, after] = messages as readonly unknown[] as readonly {
      content: { id?: string; callId?: string }[]
    }[]
    const ids = assistant?.content.map(part => part.id)
    expect(ids?.[2]).toBe('fc-1')
    expect(new Set(ids).size).toBe(3)
    expect(tool?.content.map(part => part.callId)).toEqual([ids?.[2], ids?.[0], ids?.[1]])
    expect(after).toEqual({ role: 'user', content: 'so' })
  })

  test('get ids that differ in later turns, too', () => {
    const turn = [content('model', functionCall('look', 'a')), content('user', functionResponse('look', 'a'))]
    const { messages } = decode({ contents: [user, ...turn, ...turn] })
    const ids = messages.flatMap(({ role, content: parts }) =>
      role === 'assistant' ? (parts as unknown as { id: string }[]).map(part => part.id) : [],
    )
    expect(ids[0]).toBe('a')
    expect(new Set(ids).size).toBe(2)
  })

  test('that do not belong together are refused', () => {
    const called = content('model', functionCall('look', 'a'))
    expect(fault({ contents: [user, called] })).toBe('contents[1].parts[0].functionCall')
    expect(fault({ contents: [user, called, user] })).toBe('contents[1].parts[0].functionCall')
    expect(fault({ contents: [user, called, called] })).toBe('contents[1].parts[0].functionCall')
    const response = 'contents[2].parts[0].functionResponse'
    expect(fault({ contents: [user, called, content('user', functionResponse('look', 'b'))] })).toBe(response)
    expect(fault({ contents: [user, called, content('user', functionResponse('find'))] })).toBe(response)
    expect(fault({ contents: [content('user', functionResponse('look', 'a'))] })).toBe(
      'contents[0].parts[0].functionResponse',
    )
  })

  test('that are malformed are refused', () => {
    const model = (part: object) => fault({ contents: [user, content('model', part)] })
    expect(model({ functionCall: 'f' })).toBe('contents[1].parts[0].functionCall')
    expect(model({ functionCall: { args: {} } })).toBe('contents[1].parts[0].functionCall.name')
    expect(model({ functionCall: { name: '' } })).toBe('contents[1].parts[0].functionCall.name')
    expect(model({ functionCall: { name: 'f', args: '{}' } })).toBe('contents[1].parts[0].functionCall.args')
    const respond = (response: object) =>
      fault({ contents: [user, content('model', functionCall('f')), content('user', { functionResponse: response })] })
    expect(respond({ name: 'f', response: 'a' })).toBe('contents[2].parts[0].functionResponse.response')
    expect(respond({ name: 'f', response: {}, parts: [{ text: 'a' }] })).toBe(
      'contents[2].parts[0].functionResponse.parts[0].fileData',
    )
  })

  test('tell their results as text, by the words for it or as JSON', () => {
    const told = (response: object) => {
      const contents = [
        user,
        content('model', functionCall('f')),
        content('user', { functionResponse: { name: 'f', response } }),
      ]
      const result = decode({ contents }).messages[2]?.content.at(0) as
        | { content: string; isError?: boolean }
        | undefined
      return [result?.content, result?.isError ?? false]
    }
    expect(told({ output: 'a' })).toEqual(['a', false])
    expect(told({ error: 'a' })).toEqual(['a', true])
    expect(told({ output: { a: 1 } })).toEqual(['{"a":1}', false])
    expect(told({ a: 1 })).toEqual(['{"a":1}', false])
    expect(told({})).toEqual(['{}', false])
    expect(told({ output: 'a', error: 'b' })).toEqual(['{"output":"a","error":"b"}', true])
  })

  test('lose the signature that stands for none', () => {
    const part = { ...functionCall('f'), thoughtSignature: 'skip_thought_signature_validator' }
    const { messages } = decode({ contents: [user, content('model', part), content('user', functionResponse('f'))] })
    expect(JSON.stringify(messages)).not.toContain('skip')
  })
})

describe('media', () => {
  const part = (data: object) => decode({ contents: [content('user', data)] }).messages[0]?.content.at(0)

  test('are an image, a sound or a document by their type', () => {
    const bytes = (mimeType: string) => ({ inlineData: { mimeType, data: 'aGk=' } })
    for (const [mimeType, type] of [
      ['image/png', 'image'],
      ['audio/wav', 'audio'],
      ['application/pdf', 'document'],
      ['video/mp4', 'document'],
    ] as const) {
      expect(part(bytes(mimeType))).toEqual({ type, source: { type: 'base64', mediaType: mimeType, data: 'aGk=' } })
    }
    expect(part({ fileData: { fileUri: 'gs://a' } })).toEqual({
      type: 'document',
      source: { type: 'file', id: 'gs://a', origin: 'gemini' },
    })
  })

  test('that are malformed or too large are refused', () => {
    const inline = (inlineData: unknown) => fault({ contents: [content('user', { inlineData })] })
    expect(inline('a')).toBe('contents[0].parts[0].inlineData')
    expect(inline({ data: 'aGk=' })).toBe('contents[0].parts[0].inlineData.mimeType')
    expect(inline({ mimeType: 'image/png', data: 'a b' })).toBe('contents[0].parts[0].inlineData.data')
    expect(fault({ contents: [content('user', { fileData: {} })] })).toBe('contents[0].parts[0].fileData.fileUri')
    const large = { contents: [content('user', { inlineData: { mimeType: 'image/png', data: 'aGVsbG8=' } })] }
    expect(() => decodeRequest(large, { defaultModel: 'm', maxMediaBytes: 4 })).toThrow(/holds 5 bytes.*at most 4/)
    expect(decodeRequest(large, { defaultModel: 'm', maxMediaBytes: 5 }).messages).toHaveLength(1)
  })
})

describe('tools', () => {
  test('may be declared with the older schemas', () => {
    const parameters = {
      type: 'OBJECT',
      properties: { type: { type: 'STRING', nullable: true }, all: { type: 'ARRAY', items: { type: 'INTEGER' } } },
    }
    expect(decode({ tools: [{ functionDeclarations: [{ name: 'f', parameters }] }] }).tools).toMatchObject([
      {
        name: 'f',
        parameters: {
          type: 'object',
          properties: { type: { type: ['string', 'null'] }, all: { type: 'array', items: { type: 'integer' } } },
        },
      },
    ])
  })

  test('keep what the older schemas say otherwise', () => {
    const parameters = {
      type: 'OBJECT',
      properties: { either: { anyOf: [{ type: 'STRING' }, { type: 'NUMBER' }] }, any: { nullable: true } },
      additionalProperties: false,
    }
    expect(decode({ tools: [{ functionDeclarations: [{ name: 'f', parameters }] }] }).tools).toMatchObject([
      {
        parameters: {
          type: 'object',
          properties: { either: { anyOf: [{ type: 'string' }, { type: 'number' }] }, any: {} },
          additionalProperties: false,
        },
      },
    ])
  })

  test('are chosen by name among those of the request, and what else is said of it goes back', () => {
    const tools = [{ functionDeclarations: [{ name: 'f' }, { name: 'g' }] }, { googleSearch: {} }]
    const chosen = (mode: string, ...names: string[]) => {
      const functionCallingConfig = { mode, allowedFunctionNames: names, streamFunctionCallArguments: false }
      const request = decode({ tools, toolConfig: { functionCallingConfig } })
      const { body } = encodeRequest({ ...request, messages: [...request.messages] }, { model: 'm' })
      expect(body.toolConfig).toEqual({ functionCallingConfig })
      return request.toolChoice
    }
    expect(chosen('ANY', 'f')).toEqual({ type: 'tool', name: 'f' })
    expect(chosen('ANY', 'f', 'g')).toEqual({ type: 'allowed', names: ['f', 'g'], required: true })
    expect(chosen('VALIDATED', 'g')).toEqual({ type: 'allowed', names: ['g'], required: false })
  })

  test('and their choice that are malformed are refused', () => {
    const declared = (declaration: object) => fault({ tools: [{ functionDeclarations: [declaration] }] })
    expect(fault({ tools: {} })).toBe('tools')
    expect(declared({ name: '9a' })).toBe('tools[0].functionDeclarations[0].name')
    expect(declared({ name: 'a', parameters: {}, parametersJsonSchema: {} })).toBe(
      'tools[0].functionDeclarations[0].parameters',
    )
    const tools = [{ functionDeclarations: [{ name: 'f' }] }]
    const config = (functionCallingConfig: unknown) => fault({ tools, toolConfig: { functionCallingConfig } })
    expect(config('AUTO')).toBe('toolConfig.functionCallingConfig')
    expect(config({ mode: 'MUST' })).toBe('toolConfig.functionCallingConfig.mode')
    const names = 'toolConfig.functionCallingConfig.allowedFunctionNames'
    expect(config({ mode: 'AUTO', allowedFunctionNames: ['f'] })).toBe(names)
    expect(config({ mode: 'ANY', allowedFunctionNames: ['g'] })).toBe(names)
    expect(fault({ toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['g'] } } })).toBe(names)
    expect(config({ mode: 'ANY', allowedFunctionNames: [] })).toBe('nothing')
    expect(fault({ toolConfig: {} })).toBe('nothing')
  })
})

describe('settings', () => {
  const settings = (generationConfig: object) => {
    const { model: _, messages: __, stream: ___, extra: ____, ...rest } = decode({ generationConfig })
    return rest
  }

  test('of thinking become the nearest effort', () => {
    const effort = (thinkingConfig: object) => settings({ thinkingConfig }).reasoningEffort
    expect(effort({ thinkingLevel: 'MEDIUM' })).toBe('medium')
    expect(effort({ thinkingLevel: 'STRANGE' })).toBeUndefined()
    expect(effort({ thinkingBudget: -1 })).toBeUndefined()
    expect([0, 300, 1024, 8000, 30_000].map(thinkingBudget => effort({ thinkingBudget }))).toEqual([
      'none',
      'minimal',
      'low',
      'medium',
      'high',
    ])
  })

  test('of format are read, and refused where they contradict themselves', () => {
    expect(settings({ responseMimeType: 'application/json', responseSchema: { type: 'OBJECT' } })).toEqual({
      responseFormat: { type: 'json-schema', name: 'answer', schema: { type: 'object' } },
    })
    const config = (generationConfig: object) => fault({ generationConfig })
    expect(config({ responseSchema: {} })).toBe('generationConfig.responseMimeType')
    expect(config({ responseMimeType: 'application/json', responseSchema: 'a' })).toBe(
      'generationConfig.responseSchema',
    )
    const both = { responseMimeType: 'application/json', responseSchema: {}, responseJsonSchema: {} }
    expect(config(both)).toBe('generationConfig.responseSchema')
  })
})
