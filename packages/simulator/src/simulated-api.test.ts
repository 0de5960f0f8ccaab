import { afterEach, describe, expect, it } from 'vitest'
import { RequestRefusal } from './error-wording.ts'
import type { ScriptEntry } from './fault.ts'
import { generatedAnswer } from './generated-answer.ts'
import { isObject } from './json-value.ts'
import type { ReplyPiece } from './reply.ts'
import type { ReceivedRequest, SimulatedApiFactory } from './simulated-api.ts'
import { ServedModels } from './simulated-model.ts'
import { startSimulator } from './simulator.ts'
import type { Simulator, SimulatorOptions } from './simulator-contract.ts'

let simulator: Simulator | undefined

afterEach(async () => {
  await simulator?.close()
  simulator = undefined
})

/** A provider that nobody has: lines of JSON, a key in the query that may be left out, and waits told in the body. */
const lineApi: SimulatedApiFactory = options => {
  const models = new ServedModels([{ id: 'line-1' }, { id: 'line-think', role: 'reasoning' }])
  const error = (status: number, message: string) => ({ status, message, type: 'broken' })
  const errorBody: ReturnType<SimulatedApiFactory>['errorBody'] = ({ message, retryAfter }) =>
    JSON.stringify({ broken: message, wait: retryAfter })
  const answer = async ({ body, steps }: ReceivedRequest) => {
    const model = models.find('line-1', 'answers')
    if (!isObject(body) || typeof body.ask !== 'string' || model === undefined) {
      throw new RequestRefusal(error(422, 'ask what?'))
    }
    const { choices, billing } = await generatedAnswer(
      {
        request: { messages: [{ role: 'user', content: body.ask }] },
        model,
        modelName: model.id,
        inputTokens: 7,
        maxTokens: 100,
        thinking: { tokens: 5, shown: body.think === true },
        prefill: 'ignored',
        prefillRefusal: () => new RequestRefusal(error(400, 'no prefill')),
        seed: 'seed',
      },
      { reply: options.reply, steps },
    )
    const pieces = choices[0].blocks.flatMap(({ type, pieces }) =>
      pieces.map((text): ReplyPiece => {
        const reasoningTokens = type === 'reasoning' ? 1 : 0
        return { text: `${JSON.stringify({ [type]: text })}\n`, role: 'content', tokens: 1, reasoningTokens }
      }),
    )
    const end: ReplyPiece = { text: '{"end":true}\n', role: 'terminator', tokens: 0 }
    return {
      status: 200,
      headers: { 'content-type': 'application/x-ndjson' },
      pieces: [...pieces, end],
      stream: { event: (text: string) => `${text}\n`, error: lineError, comment: '\n' },
      billing,
    }
  }
  const lineError = (wording: Parameters<typeof errorBody>[0]) => `${errorBody(wording, '')}\n`
  return {
    basePath: '/lines',
    models: models.roles,
    needsKey: false,
    endpoints: [{ method: 'POST', path: /^\/lines\/ask$/, answer }],
    credential: ({ query }) => query.get('key') ?? undefined,
    credentialHeaders: [],
    keyRefusal: () => error(418, 'a wrong key'),
    errorOfStatus: status => error(status, `status ${status}`),
    errorOfKind: kind => error(kind === 'overloaded' ? 555 : 500, kind),
    errorOfIntake: ({ type, status }) => error(status, type),
    errorBody,
    retryAfterIn: 'body',
    headers: () => ({ 'x-lines': 'yes' }),
  }
}

async function start(...script: readonly ScriptEntry[]): Promise<Simulator> {
  simulator = await startSimulator({ api: lineApi })
  simulator.script(...script)
  return simulator
}

async function ask(to: Simulator, body: object = { ask: 'Hi' }, query = '') {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  const response = await fetch(`${to.baseURL}/ask${query}`, init)
  return { status: response.status, headers: response.headers, text: await response.text() }
}

describe('an api of your own', () => {
  it('answers at its own base URL, in its own words and with its own headers', async () => {
    const to = await start('one two')
    expect(to.baseURL).toBe(`${to.url}/lines`)
    expect(to.models).toEqual({ usual: 'line-1', reasoning: 'line-think' })
    const { text, headers } = await ask(to)
    expect(text).toBe('{"text":"one"}\n{"text":" two"}\n{"end":true}\n')
    expect(headers.get('x-lines')).toBe('yes')
  })

  it('takes a request without a key, and no wrong one', async () => {
    const to = await start()
    expect((await ask(to)).status).toBe(200)
    expect((await ask(to, { ask: 'Hi' }, `?key=${to.apiKey}`)).status).toBe(200)
    const wrong = await ask(to, { ask: 'Hi' }, '?key=sk-wrong-wrong')
    expect([wrong.status, wrong.text]).toEqual([418, '{"broken":"a wrong key"}'])
    expect(to.requests.map(request => request.path)).toEqual([
      '/lines/ask',
      '/lines/ask?key=sk-s...',
      '/lines/ask?key=sk-w...',
    ])
  })

  it('says refusals and faults itself, and where to wait', async () => {
    const to = await start(
      'unused',
      { type: 'status', kind: 'overloaded', retryAfter: 9 },
      { type: 'status', kind: 'overloaded', status: 503 },
    )
    expect(await ask(to, {})).toMatchObject({ status: 422, text: '{"broken":"ask what?"}' })
    const overloaded = await ask(to)
    expect([overloaded.status, overloaded.text]).toEqual([555, '{"broken":"overloaded","wait":9}'])
    expect(overloaded.headers.get('retry-after')).toBeNull()
    expect(await ask(to)).toMatchObject({ status: 503, text: '{"broken":"overloaded"}' })
  })

  it('has the faults of every stream in its own framing', async () => {
    const to = await start(
      [
        { type: 'answer', text: 'a' },
        { type: 'malformed-event', atEvent: 1, text: '{"a' },
      ],
      [
        { type: 'answer', text: 'a b' },
        { type: 'error-event', atEvent: 1, kind: 'overloaded' },
      ],
      [{ type: 'answer', text: 'a' }, { type: 'comments' }, { type: 'no-terminator' }],
      [
        { type: 'answer', text: 'a' },
        { type: 'cut', atByte: 4 },
      ],
    )
    expect((await ask(to)).text).toBe('{"text":"a"}\n{"a\n{"end":true}\n')
    expect((await ask(to)).text).toBe('{"text":"a"}\n{"broken":"overloaded"}\n')
    expect((await ask(to)).text).toBe('\n{"text":"a"}\n')
    expect((await ask(to)).text).toBe('{"te')
  })

  it('bills thinking, whether it is shown or not, and the cache by its parts', async () => {
    const to = await start(
      [{ type: 'answer', text: 'a', cachedTokens: 2, cacheWriteTokens: { '1h': 3, '5m': 9 } }],
      { type: 'answer', text: 'a' },
      { type: 'answer', text: 'a', reasoning: 'one two three' },
    )
    await ask(to)
    await ask(to, { ask: 'Hi', think: true })
    await ask(to, { ask: 'Hi', think: true })
    await to.waitForIdle()
    expect(to.bill.entries).toMatchObject([
      { inputTokens: 7, cachedTokens: 2, cacheWriteTokens: { '1h': 3, '5m': 2 }, outputTokens: 6, reasoningTokens: 5 },
      { inputTokens: 7, cachedTokens: 0, cacheWriteTokens: {}, outputTokens: 6, reasoningTokens: 5 },
      { outputTokens: 4, reasoningTokens: 3 },
    ])
    expect(to.bill.totals).toEqual({ requests: 3, inputTokens: 21, outputTokens: 16 })
  })

  it('refuses paths, methods and bodies in its own words', async () => {
    const to = await start()
    const asked = async (path: string, init: RequestInit) => {
      const response = await fetch(to.url + path, init)
      return [response.status, await response.text()]
    }
    const post = (body: string, type = 'application/json') => ({
      method: 'POST',
      headers: { 'content-type': type },
      body,
    })
    expect(await asked('/lines/nope', post('{}'))).toEqual([404, '{"broken":"unknown-path"}'])
    expect(await asked('/lines/ask', { method: 'GET' })).toEqual([405, '{"broken":"unknown-method"}'])
    expect(await asked('/lines/ask', post('{'))).toEqual([400, '{"broken":"no-json"}'])
    expect(await asked('/lines/ask', post('{}', 'text/plain'))).toEqual([415, '{"broken":"content-type"}'])
  })
})

describe('the apis that are built in', () => {
  const roles = { usual: expect.any(String), small: expect.any(String), reasoning: expect.any(String) }
  const cases: readonly (readonly [NonNullable<SimulatorOptions['api']>, string, object])[] = [
    ['openai', '/v1', { ...roles, prefill: 'gpt-sim-prefill', embedding: 'text-embedding-sim' }],
    ['xai', '/v1', roles],
    ['groq', '/openai/v1', roles],
    ['anthropic', '', { ...roles, prefill: 'claude-sim-prefill' }],
  ]
  it.each(cases)('%s has its base URL and its models by role', async (api, basePath, models) => {
    simulator = await startSimulator({ api })
    expect(simulator.baseURL).toBe(simulator.url + basePath)
    expect(simulator.models).toEqual(models)
  })

  it('name the first model that answers as usual where roles are not told', async () => {
    simulator = await startSimulator({ models: [{ id: 'vectors', dimensions: 8 }, { id: 'mine' }] })
    expect(simulator.models).toEqual({ usual: 'mine' })
  })

  it('name the first of several that have one role', async () => {
    const small = [
      { id: 'a', role: 'small' },
      { id: 'b', role: 'small' },
    ] as const
    simulator = await startSimulator({ models: small })
    expect(simulator.models).toEqual({ usual: 'a', small: 'a' })
  })
})

describe('a script in neutral words', () => {
  it('is checked before it is kept', async () => {
    const to = await start()
    const wrong: readonly (readonly [unknown, RegExp])[] = [
      [{ type: 'status' }, /script\[0\] should have a status or a kind/],
      [{ type: 'status', kind: 'tired' }, /script\[0\]\.kind is "tired"; it should be one of authentication/],
      [{ type: 'status', status: 500, shape: 'xml' }, /script\[0\]\.shape is "xml"/],
      [{ type: 'answer', ending: 'bored' }, /script\[0\]\.ending is "bored"/],
      [
        { type: 'error-event', atEvent: 0, shape: 'native' },
        /script\[0\]\.shape is "native"; it should be one of event, field/,
      ],
      [{ type: 'answer', cacheWriteTokens: 'x' }, /cacheWriteTokens should be a number-or-object/],
    ]
    for (const [step, message] of wrong) expect(() => to.script(step as never)).toThrow(message)
  })

  it("is said in OpenAI's words by OpenAI", async () => {
    simulator = await startSimulator()
    const to = simulator
    const post = async () => {
      const response = await fetch(`${to.baseURL}/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${to.apiKey}` },
        body: JSON.stringify({ model: 'gpt-sim', messages: [{ role: 'user', content: 'Hi' }] }),
      })
      return { status: response.status, body: (await response.json()) as any }
    }
    const kinds = [
      ['authentication', 401, 'invalid_api_key'],
      ['permission', 403, 'unsupported_country_region_territory'],
      ['not-found', 404, 'model_not_found'],
      ['invalid-request', 400, null],
      ['context-length', 400, 'context_length_exceeded'],
      ['content-filter', 400, 'content_policy_violation'],
      ['rate-limit', 429, 'rate_limit_exceeded'],
      ['quota', 429, 'insufficient_quota'],
      ['overloaded', 503, 'server_is_overloaded'],
      ['unavailable', 500, null],
      ['timeout', 504, null],
    ] as const
    for (const [kind, status, code] of kinds) {
      to.script({ type: 'status', kind })
      const answer = await post()
      expect([answer.status, answer.body.error.code], kind).toEqual([status, code])
    }
    const endings = [
      ['content-filter', 'content_filter'],
      ['refusal', 'stop'],
      ['context-length', 'length'],
      ['tool-calls', 'tool_calls'],
    ] as const
    for (const [ending, word] of endings) {
      to.script({ type: 'answer', text: 'a', ending })
      expect((await post()).body.choices[0].finish_reason, ending).toBe(word)
    }
  })
})
