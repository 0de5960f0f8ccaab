import { afterEach, describe, expect, it } from 'vitest'
import type { ScriptEntry } from '../fault.ts'
import { startSimulator } from '../simulator.ts'
import type { Simulator, SimulatorOptions } from '../simulator-contract.ts'

let simulator: Simulator | undefined

afterEach(async () => {
  await simulator?.close()
  simulator = undefined
})

async function start(options: SimulatorOptions = {}, ...script: readonly ScriptEntry[]): Promise<Simulator> {
  simulator = await startSimulator({ api: 'gemini', ...options })
  simulator.script(...script)
  return simulator
}

type Json = Record<string, unknown>
const turn = (role: string, ...parts: object[]) => ({ role, parts })
const user = turn('user', { text: 'Hi' })
const call = (name: string, id?: string) => ({ functionCall: { name, args: {}, ...(id && { id }) } })
const response = (name: string, id?: string) => ({
  functionResponse: { name, response: { output: 'done' }, ...(id && { id }) },
})
const bypassed = (part: object) => ({ ...part, thoughtSignature: 'skip_thought_signature_validator' })
const tools = [{ functionDeclarations: [{ name: 'f' }, { name: 'g' }] }]

interface Answer {
  readonly status: number
  readonly text: string
  readonly body: Json & { readonly error?: { message: string; status: string; details?: Json[] } }
}

async function send(
  to: Simulator,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const reply = await fetch(to.baseURL + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'x-goog-api-key': to.apiKey, 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await reply.text()
  return { status: reply.status, text, body: text.startsWith('{') ? JSON.parse(text) : {} }
}

const generate = '/v1/models/gemini-sim:generateContent'
const stream = '/v1/models/gemini-sim:streamGenerateContent?alt=sse'

async function refusal(to: Simulator, body: object, path = generate): Promise<string> {
  const { status, body: answer } = await send(to, path, { contents: [user], ...body })
  if (status === 200) return 'accepted'
  expect([status, answer.error?.status]).toEqual([400, 'INVALID_ARGUMENT'])
  return answer.error?.message ?? ''
}

describe('addresses', () => {
  it('are of both versions, and of models that are there', async () => {
    const to = await start()
    for (const version of ['v1', 'v1beta']) {
      const path = `/${version}/models/gemini-sim:generateContent`
      expect((await send(to, path, { contents: [user] })).status).toBe(200)
      expect((await send(to, `/${version}/models`)).status).toBe(200)
    }
    for (const [path, message] of [
      ['/v1/models/nope:generateContent', 'models/nope is not found for API version v1'],
      ['/v1beta/models/gemini-embedding-sim:generateContent', 'not supported for generateContent'],
      ['/v1/models/gemini-sim:batchEmbedContents', 'not supported for batchEmbedContents'],
    ] as const) {
      const { status, body } = await send(to, path, { contents: [user], requests: [] })
      expect([status, body.error?.status]).toEqual([404, 'NOT_FOUND'])
      expect(body.error?.message).toContain(message)
    }
    expect((await send(to, '/v2/models')).status).toBe(404)
    expect(await refusal(to, {}, '/v1/models/gemini-sim:streamGenerateContent')).toContain('alt=sse')
  })

  it('take a key in a header or in the query, and no wrong one', async () => {
    const to = await start()
    expect((await send(to, `/v1/models?key=${to.apiKey}`, undefined, { 'x-goog-api-key': to.apiKey })).status).toBe(200)
    const byQuery = await fetch(`${to.baseURL}/v1/models?key=${to.apiKey}`)
    expect(byQuery.status).toBe(200)
    const wrong = await send(to, '/v1/models', undefined, { 'x-goog-api-key': 'wrong' })
    expect([wrong.status, wrong.body.error?.details?.[0]?.reason]).toEqual([400, 'API_KEY_INVALID'])
    expect((await fetch(`${to.baseURL}/v1/models`)).status).toBe(403)
  })
})

describe('bodies', () => {
  it('may hold no field that is not known', async () => {
    const to = await start()
    expect(await refusal(to, { system_instruction: {} })).toBe(
      'Invalid JSON payload received. Unknown name "system_instruction": Cannot find field.',
    )
    for (const [body, place] of [
      [{ contents: [{ ...user, name: 'a' }] }, 'contents[0]'],
      [{ contents: [turn('user', { text: 'a', type: 'text' })] }, 'contents[0].parts[0]'],
      [
        { contents: [turn('user', { inlineData: { mimeType: 'image/png', data: 'aGk=', displayName: 'a' } })] },
        'contents[0].parts[0].inline_data',
      ],
      [{ generationConfig: { max_tokens: 1 } }, 'generation_config'],
      [{ generationConfig: { thinkingConfig: { effort: 'low' } } }, 'generation_config.thinking_config'],
      [{ tools: [{ functions: [] }] }, 'tools[0]'],
      [{ tools: [{ functionDeclarations: [{ name: 'f', strict: true }] }] }, 'tools[0].function_declarations[0]'],
      [{ tools, toolConfig: { mode: 'AUTO' } }, 'tool_config'],
      [
        { safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'OFF', method: 'a' }] },
        'safety_settings[0]',
      ],
    ] as const) {
      expect(await refusal(to, body)).toContain(`at '${place}': Cannot find field`)
    }
  })

  it('must be an object, with values of the right types', async () => {
    const to = await start()
    expect((await send(to, generate, [])).status).toBe(400)
    for (const [body, message] of [
      [{ contents: 'Hi' }, "Invalid value at 'contents' (REPEATED)"],
      [{ contents: ['Hi'] }, "Invalid value at 'contents[0]' (MESSAGE)"],
      [{ contents: [turn('user', { text: 5 })] }, "Invalid value at 'contents[0].parts[0].text' (TYPE_STRING)"],
      [{ contents: [turn('user', { text: 'a', thought: 'b' })] }, "'contents[0].parts[0].thought' (TYPE_BOOL)"],
      [{ generationConfig: { temperature: 'hot' } }, "'generation_config.temperature' (TYPE_FLOAT)"],
      [{ generationConfig: { seed: 0.5 } }, "'generation_config.seed' (TYPE_INT32)"],
      [{ generationConfig: { thinkingConfig: { thinkingLevel: 'low' } } }, 'ThinkingConfig.ThinkingLevel'],
      [{ tools, toolConfig: { functionCallingConfig: { mode: 'MUST' } } }, 'FunctionCallingConfig.Mode'],
      [{ safetySettings: [{ category: 'HARM', threshold: 'OFF' }] }, 'HarmCategory'],
      [{ contents: [turn('user', { inlineData: { mimeType: 'image/png', data: 'a b' } })] }, 'Base64 decoding failed'],
    ] as const) {
      expect(await refusal(to, body)).toContain(message)
    }
  })

  it('keep to ranges and to what goes together', async () => {
    const to = await start()
    const setting = (field: string) => `a ${field} value of`
    for (const [body, message] of [
      [{ generationConfig: { temperature: 2.1 } }, setting('temperature')],
      [{ generationConfig: { topP: -0.1 } }, setting('top_p')],
      [{ generationConfig: { maxOutputTokens: 0 } }, setting('max_output_tokens')],
      [{ generationConfig: { maxOutputTokens: 65_537 } }, setting('max_output_tokens')],
      [{ generationConfig: { candidateCount: 9 } }, setting('candidate_count')],
      [{ generationConfig: { stopSequences: Array(6).fill('a') } }, 'maximum of 5'],
      [{ generationConfig: { responseMimeType: 'text/html' } }, 'allowed mimetypes'],
      [{ generationConfig: { responseJsonSchema: {} } }, 'only supported with response_mime_type'],
      [{ generationConfig: { responseJsonSchema: {}, responseSchema: {} } }, 'mutually exclusive'],
      [{ generationConfig: { thinkingConfig: { thinkingBudget: 1, thinkingLevel: 'LOW' } } }, 'only set one of'],
      [{ generationConfig: { thinkingConfig: { thinkingBudget: 1 } } }, 'Thinking budget is not supported'],
      [{ tools: [{ functionDeclarations: [{ name: '9' }] }] }, 'Invalid function name'],
      [{ tools: [{ functionDeclarations: [{ name: 'f' }, { name: 'f' }] }] }, 'Duplicate function declaration'],
      [{ tools: [{ functionDeclarations: [{ name: 'f', parameters: {}, parametersJsonSchema: {} }] }] }, 'exclusive'],
      [{ tools: [{ functionDeclarations: [{ name: 'f', parameters: { type: 'STRING' } }] }] }, 'of type OBJECT'],
      [{ toolConfig: { functionCallingConfig: { mode: 'ANY' } } }, 'without function_declarations'],
      [{ tools, toolConfig: { functionCallingConfig: { allowedFunctionNames: ['f'] } } }, 'ANY or VALIDATED'],
      [{ tools, toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['h'] } } }, 'subset'],
      [{ safetySettings: Array(2).fill({ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'OFF' }) }, 'at most one'],
      [
        { systemInstruction: turn('user', { inlineData: { mimeType: 'image/png', data: 'aGk=' } }) },
        'only contain text',
      ],
    ] as const) {
      expect(await refusal(to, body), message).toContain(message)
    }
    const budget = '/v1/models/gemini-sim-budget:generateContent'
    const thinking = (thinkingConfig: object) => ({ generationConfig: { thinkingConfig } })
    expect(await refusal(to, thinking({ thinkingLevel: 'LOW' }), budget)).toContain('Thinking level is not supported')
    expect(await refusal(to, thinking({ thinkingBudget: 1_024 }), budget)).toBe('accepted')
    const small = '/v1/models/gemini-sim-small:generateContent'
    expect(await refusal(to, thinking({ includeThoughts: true }), small)).toContain('not enabled for this model')
    expect(await refusal(to, { contents: [turn('user', { text: 'word '.repeat(9_000) })] }, small)).toContain(
      'exceeds the maximum number of tokens allowed (8192)',
    )
  })

  it('are refused what the model refuses', async () => {
    const to = await start({ models: [{ id: 'gemini-sim', refuses: ['temperature'] }] })
    expect(await refusal(to, { generationConfig: { temperature: 1 } })).toContain('temperature is not supported')
  })
})

describe('conversations', () => {
  const model = turn('model', { text: 'So.' })

  it('alternate, begin with the user and end there', async () => {
    const to = await start()
    const alternate = 'alternate between user and model'
    for (const [contents, message] of [
      [[], 'contents is not specified'],
      [[{ role: 'user' }], 'contents.parts must not be empty'],
      [[turn('user')], 'contents.parts must not be empty'],
      [[turn('assistant', { text: 'a' })], 'Please use a valid role: user, model.'],
      [[turn('user', {})], "required oneof field 'data'"],
      [[turn('user', { text: 'a', fileData: {} })], "required oneof field 'data'"],
      [[model, user], alternate],
      [[user, user], alternate],
      [[user, model, model], alternate],
      [[user, model], 'ends with a user role'],
    ] as const) {
      expect(await refusal(to, { contents }), message).toContain(message)
    }
    expect(await refusal(to, { contents: undefined })).toContain('contents is not specified')
    expect(await refusal(to, { contents: [{ parts: [{ text: 'Hi' }] }] })).toBe('accepted')
    expect(await refusal(to, { contents: [user, model, user] })).toBe('accepted')
    const prefill = '/v1/models/gemini-sim-prefill:generateContent'
    expect(await refusal(to, { contents: [user, model] }, prefill)).toBe('accepted')
  })

  it('answer every call right after it, by name and id, and nothing else', async () => {
    const to = await start()
    const number = 'number of function response parts is equal'
    const called = turn('model', bypassed(call('f', 'a')), call('g', 'b'))
    for (const [contents, message] of [
      [[user, called, user], number],
      [[user, called], number],
      [[user, called, turn('user', response('f', 'a'))], number],
      [[user, called, turn('user', response('f', 'a'), response('g', 'c'))], number],
      [[user, called, turn('user', response('f', 'a'), response('f', 'b'))], number],
      [[user, called, turn('user', response('f', 'a'), response('g', 'b'), response('g', 'b'))], number],
      [[turn('user', response('f'))], 'immediately after a function call turn'],
      [[user, model, turn('user', response('f'))], 'immediately after a function call turn'],
      [[turn('user', call('f'))], 'comes from the model'],
      [[user, turn('model', response('f'))], 'comes from the user'],
      [[user, turn('model', { functionCall: {} })], 'Name cannot be empty'],
      [[user, turn('model', { functionCall: { name: 'f', args: 'a' } })], 'function_call.args'],
    ] as const) {
      expect(await refusal(to, { contents }), message).toContain(message)
    }
    const answered = turn('user', response('g', 'b'), response('f', 'a'), { text: 'and so' })
    expect(await refusal(to, { contents: [user, called, answered] })).toBe('accepted')
  })

  it('hold media of known kinds, and files that Gemini can reach', async () => {
    const to = await start()
    const media = (part: object) => refusal(to, { contents: [turn('user', part)] })
    expect(await media({ inlineData: { mimeType: 'image/bmp', data: 'aGk=' } })).toContain('Unsupported MIME type')
    expect(await media({ inlineData: { data: 'aGk=' } })).toContain('mime_type')
    expect(await media({ fileData: { fileUri: 'http://a.example/a.png' } })).toContain('unsupported file uri')
    expect(await media({ fileData: { fileUri: 'https://a.example/a.png' } })).toBe('accepted')
    const file = 'https://generativelanguage.googleapis.com/v1beta/files/abc-1'
    expect(await media({ fileData: { fileUri: file, mimeType: 'image/png' } })).toBe('accepted')
    const shown = { name: 'f', response: {}, parts: [{ inlineData: { mimeType: 'image/png', data: 'aGk=' } }] }
    const contents = [user, turn('model', bypassed(call('f'))), turn('user', { functionResponse: shown })]
    expect(await refusal(to, { contents })).toBe('accepted')
    const text = { ...shown, parts: [{ text: 'a' }] }
    const wrong = [user, turn('model', bypassed(call('f'))), turn('user', { functionResponse: text })]
    expect(await refusal(to, { contents: wrong })).toContain('Unknown name "text"')
  })
})

describe('signatures', () => {
  const missing = 'Function call is missing a thought_signature'
  const answered = turn('user', response('f'))

  it('are wanted on the first call of each answer of the current turn', async () => {
    const to = await start()
    const unsigned = turn('model', call('f'))
    expect(await refusal(to, { contents: [user, unsigned, answered] })).toContain(missing)
    const second = turn('model', bypassed(call('f')))
    expect(await refusal(to, { contents: [user, second, answered, unsigned, answered] })).toContain(missing)
    expect(await refusal(to, { contents: [user, second, answered, second, answered] })).toBe('accepted')
    const earlier = [user, unsigned, answered, turn('model', { text: 'So.' }), user]
    expect(await refusal(to, { contents: earlier })).toBe('accepted')
    for (const model of ['gemini-sim-small', 'gemini-sim-budget']) {
      const path = `/v1/models/${model}:generateContent`
      expect(await refusal(to, { contents: [user, unsigned, answered] }, path)).toBe('accepted')
    }
  })

  it('hold for the part that they came on, as it was', async () => {
    const to = await start({}, [{ type: 'answer', toolCalls: [{ name: 'f', arguments: { a: 1 } }] }], 'So.')
    const made = async () => {
      const { body } = await send(to, generate, { contents: [user] })
      const [candidate] = body.candidates as { content: { parts: Json[] } }[]
      return candidate?.content.parts ?? []
    }
    const [signedCall] = await made()
    const [signedText] = await made()
    const again = (...parts: object[]) => {
      const calls = parts.some(part => 'functionCall' in part)
      return refusal(to, { contents: [user, turn('model', ...parts), calls ? answered : user] })
    }
    expect(await again(signedCall as object)).toBe('accepted')
    expect(await again(signedText as object)).toBe('accepted')
    const { functionCall, thoughtSignature } = signedCall as { functionCall: Json; thoughtSignature: string }
    for (const changed of [
      { functionCall: { ...functionCall, args: { a: 2 } }, thoughtSignature },
      { functionCall, thoughtSignature: 'Zm9yZ2Vk' },
      { ...signedText, text: 'Or so.' },
      { text: 'hm', thought: true, thoughtSignature },
    ]) {
      expect(await again(changed)).toBe('Corrupted thought signature.')
    }
    const { args, name, id } = functionCall
    expect(await again({ thoughtSignature, functionCall: { args, name, id } }), 'order of fields').toBe('accepted')
  })
})

describe('streams', () => {
  it('are events that end with CRLF, and no terminator', async () => {
    const to = await start({}, 'one two')
    const { text } = await send(to, stream, { contents: [user] })
    const events = text.split('\r\n\r\n')
    expect(events.pop()).toBe('')
    const told = events.map(event => JSON.parse(event.slice('data: '.length)))
    expect(told.map(({ candidates }) => candidates[0].content.parts[0].text)).toEqual(['one', ' two', ''])
    expect(told.map(({ candidates }) => candidates[0].finishReason)).toEqual([undefined, undefined, 'STOP'])
    expect(told.map(({ usageMetadata }) => usageMetadata.candidatesTokenCount)).toEqual([undefined, undefined, 2])
  })

  it('lack their end or their usage, and hold comments, errors and broken events', async () => {
    const to = await start(
      {},
      { type: 'no-finish' },
      { type: 'no-usage' },
      [{ type: 'comments' }, { type: 'malformed-event', atEvent: 0 }],
      { type: 'error-event', atEvent: 1, kind: 'overloaded' },
    )
    const told = async () => (await send(to, stream, { contents: [user] })).text
    expect(await told()).not.toContain('finishReason')
    expect(await told()).not.toContain('usageMetadata')
    expect(await told()).toMatch(/^: keep-alive\r\n\r\ndata: \{"id": "broken\r\n\r\n/)
    expect(await told()).toMatch(/data: \{"error":\{"code":503,.*"status":"UNAVAILABLE"\}\}\r\n\r\n$/)
  })

  it('say what a malformed call was, and nothing of the call', async () => {
    const to = await start({}, [{ type: 'answer', toolCalls: [{ name: 'f', arguments: '[1]' }] }])
    const { text } = await send(to, stream, { contents: [user] })
    expect(text).toContain('"finishReason":"MALFORMED_FUNCTION_CALL"')
    expect(text).toContain('"finishMessage":"Malformed function call: f([1])"')
    expect(text).not.toContain('functionCall')
  })
})

describe('errors', () => {
  it('tell what was used up and how long to wait in their details', async () => {
    const to = await start(
      {},
      { type: 'status', kind: 'rate-limit', retryAfter: 34 },
      { type: 'status', kind: 'quota' },
    )
    const limited = await send(to, generate, { contents: [user] })
    expect([limited.status, limited.body.error?.status]).toEqual([429, 'RESOURCE_EXHAUSTED'])
    expect(limited.body.error?.details).toMatchObject([
      { violations: [{ quotaId: expect.stringContaining('PerMinute') }] },
      { retryDelay: '34s' },
    ])
    const used = await send(to, generate, { contents: [user] })
    expect(used.body.error?.details).toMatchObject([{ violations: [{ quotaId: expect.stringContaining('PerDay') }] }])
  })

  it('come when the limits of the account are reached', async () => {
    const to = await start({ rateLimits: { requestsPerMinute: 1 } })
    expect((await send(to, generate, { contents: [user] })).status).toBe(200)
    const { status, body } = await send(to, generate, { contents: [user] })
    expect(status).toBe(429)
    expect(body.error?.details?.at(-1)?.retryDelay).toMatch(/^[\d.]+s$/)
  })

  it('have a word for every status', async () => {
    const to = await start()
    for (const [status, word] of [
      [401, 'UNAUTHENTICATED'],
      [402, 'FAILED_PRECONDITION'],
      [418, 'INVALID_ARGUMENT'],
      [500, 'INTERNAL'],
      [502, 'UNAVAILABLE'],
      [504, 'DEADLINE_EXCEEDED'],
    ] as const) {
      to.script({ type: 'status', status })
      expect((await send(to, generate, { contents: [user] })).body.error).toMatchObject({ code: status, status: word })
    }
  })
})

describe('beside answers', () => {
  it('tokens are counted of contents, or of a whole request to the same model', async () => {
    const to = await start()
    const path = '/v1/models/gemini-sim:countTokens'
    const alone = await send(to, path, { contents: [user] })
    const generateContentRequest = { model: 'models/gemini-sim', contents: [user], tools }
    const whole = await send(to, path, { generateContentRequest })
    expect(whole.body.totalTokens).toBeGreaterThan(alone.body.totalTokens as number)
    expect(to.bill.totals.requests).toBe(0)
    for (const [body, message] of [
      [{ contents: [user], generateContentRequest }, 'mutually exclusive'],
      [
        { generateContentRequest: { ...generateContentRequest, model: 'gemini-sim' } },
        'expected to be models/gemini-sim',
      ],
      [{ generateContentRequest: { model: 'models/gemini-sim', contents: [] } }, 'contents is not specified'],
      [{ contents: [user], tools }, 'Unknown name "tools"'],
    ] as const) {
      expect((await send(to, path, body)).body.error?.message).toContain(message)
    }
  })

  it('vectors are asked for in batches of one model', async () => {
    const to = await start()
    const path = '/v1/models/gemini-embedding-sim:batchEmbedContents'
    const one = { model: 'models/gemini-embedding-sim', content: { parts: [{ text: 'a' }] } }
    expect((await send(to, path, { requests: [one] })).status).toBe(200)
    for (const [requests, message] of [
      [[], 'at most 100 requests'],
      [Array(101).fill(one), 'at most 100 requests'],
      [[{ ...one, model: 'gemini-embedding-sim' }], 'model does not match'],
      [[{ ...one, outputDimensionality: 4_000 }], 'output_dimensionality value of 4000'],
      [[{ ...one, content: { parts: [{}] } }], 'content.parts[0].text'],
      [[{ ...one, input: 'a' }], 'Unknown name "input"'],
    ] as const) {
      expect((await send(to, path, { requests })).body.error?.message, message).toContain(message)
    }
  })

  it('models come in pages with a token for the next', async () => {
    const to = await start()
    const first = await send(to, '/v1/models?pageSize=4')
    const rest = await send(to, `/v1/models?pageSize=4&pageToken=${first.body.nextPageToken}`)
    expect([(first.body.models as object[]).length, (rest.body.models as object[]).length]).toEqual([4, 2])
    expect(rest.body).not.toHaveProperty('nextPageToken')
    expect((await send(to, '/v1/models?pageSize=0')).body.models).toHaveLength(6)
    expect((await send(to, '/v1/models?pageSize=-1')).status).toBe(400)
    expect((await send(to, '/v1/models?pageToken=nope')).status).toBe(400)
  })
})
