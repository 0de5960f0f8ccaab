import type { AssistantPart, MessageRequest, UserPart } from '@switchyard/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createCatalog } from './catalog.ts'
import { boundableRequest, hintedLifetimes, spendthriftTokens } from './requests.fixture.ts'

const wall = Date.parse('2026-11-20T12:00:00Z')
const day = 86_400_000
const catalog = createCatalog({
  clock: { wall: () => wall },
  overrides: { 'lab/tiny': { maxOutputTokens: 100, price: { input: 1_000_000n, output: 2_000_000n } } },
})
const asking = (content: string | readonly UserPart[], rest: Partial<MessageRequest> = {}): MessageRequest => ({
  messages: [{ role: 'user', content }],
  maxOutputTokens: 100,
  ...rest,
})
const estimate = (request: MessageRequest, model: string, at = wall) => catalog.estimate(request, model, { at })

describe('an estimate', () => {
  test('is a likely cost and a bound, at the price of the model', () => {
    // expected: 25 tokens of text and 8 of frame at 2.5, 100 at 15; at most: 100 bytes, 256 + 32 of overhead
    expect(estimate(asking('x'.repeat(100)), 'openai/gpt-5.4')).toEqual({
      expected: 33n * 2_500_000n + 100n * 15_000_000n,
      bound: 388n * 2_500_000n + 100n * 15_000_000n,
      unbounded: [],
      inputTokens: { expected: 33, most: 388 },
      outputTokens: { expected: 100, most: 100 },
    })
  })

  test('counts bytes, not characters', () => {
    const [plain, wide] = ['xxxx', '漢字漢字'].map(text => estimate(asking(text), 'openai/gpt-5.4').inputTokens.most)
    expect(Number(wide) - Number(plain)).toBe(8)
  })

  test('expects 500 tokens of answer, or what the caller expects', () => {
    const request = asking('hi', { maxOutputTokens: 9_000 })
    expect(estimate(request, 'openai/gpt-5.4').outputTokens).toEqual({ expected: 500, most: 9_000 })
    expect(catalog.estimate(request, 'openai/gpt-5.4', { outputTokens: 77 }).outputTokens.expected).toBe(77)
  })

  test("without a cap takes the model's own, and without that there is no bound", () => {
    const { maxOutputTokens, ...open } = asking('hi')
    expect(estimate(open, 'openai/gpt-5.4').outputTokens.most).toBe(128_000)
    expect(estimate(open, 'xai/grok-4.7')).toMatchObject({
      unbounded: ['maxOutputTokens: the longest answer of this model is unknown, so state a cap'],
      outputTokens: { expected: 500 },
    })
    expect(estimate(open, 'xai/grok-4.7').bound).toBeUndefined()
  })

  test('of fewer tokens than can be asked of OpenAI bounds it at what is asked instead', () => {
    const most = (model: string) => estimate(asking('hi', { maxOutputTokens: 1 }), model).outputTokens
    expect(most('openai/gpt-5.4')).toEqual({ expected: 1, most: 16 })
    expect(most('groq/openai/gpt-oss-20b')).toEqual({ expected: 1, most: 1 })
  })

  test('bounds several answers by as many caps', () => {
    const request = asking('hi', { extra: { 'openai-chat': { n: 3 } } })
    expect(estimate(request, 'openai/gpt-5.4').outputTokens).toEqual({ expected: 300, most: 300 })
    const twice = asking('hi', { extra: { 'openai-chat': { n: 3 }, 'openai-responses': { n: 2 } } })
    expect(estimate(twice, 'openai/gpt-5.4').outputTokens.most).toBe(300)
    const candidates = asking('hi', { extra: { gemini: { generationConfig: { candidateCount: 2, topK: 5 } } } })
    expect(estimate(candidates, 'gemini/gemini-3.8-flash')).toMatchObject({
      unbounded: [],
      outputTokens: { most: 200 },
    })
  })

  test('of a prompt that may be long bounds it at the price of a long one', () => {
    const long = asking('x'.repeat(272_000))
    expect(estimate(long, 'openai/gpt-6-sol')).toMatchObject({
      expected: 68_008n * 2_000_000n + 100n * 10_000_000n,
      // writes to the cache are the dearest input: 5 USD per million in the tier
      bound: 272_288n * 5_000_000n + 100n * 15_000_000n,
    })
  })

  test('heeds a change of price within a day, as days have no time zone', () => {
    const request = asking('hi')
    const bounds = ['2026-11-29T00:00', '2026-11-30T00:01', '2026-12-01T23:59', '2026-12-02T00:01'].map(
      at => estimate(request, 'gemini/gemini-4-argon', Date.parse(`${at}Z`)).bound,
    )
    const launch = 290n * 2_000_000n + 100n * 10_000_000n
    expect(bounds).toEqual([launch, 2n * launch, 2n * launch, 2n * launch])
    expect(estimate(request, 'gemini/gemini-4-argon', Date.parse('2026-11-30T12:00Z')).expected).toBe(
      9n * 2_000_000n + 100n * 10_000_000n,
    )
  })

  test('heeds a change that is a day away to the millisecond, and none that is further', () => {
    const request = asking('hi', { maxOutputTokens: 20 })
    const bounds = [-1, 0].map(
      ms => estimate(request, 'gemini/gemini-3.8-flash', Date.parse('2026-12-31T00:00:00Z') + ms).bound,
    )
    expect(bounds).toEqual([290n * 750_000n + 20n * 3_750_000n, 290n * 1_500_000n + 20n * 7_500_000n])
  })

  test('takes reasoning for as dear as it is, where it is dearer than text', () => {
    const price = { input: 1n, output: 2n, reasoning: 5n }
    const own = createCatalog({ overrides: { 'lab/deep': { price } } })
    expect(own.estimate(asking('hi', { maxOutputTokens: 20 }), 'lab/deep').bound).toBe(290n + 20n * 5n)
  })

  test('heeds a price that fell within a day', () => {
    const request = asking('hi', { maxOutputTokens: 20 })
    const [fallen, since] = ['2026-08-21T23:59Z', '2026-08-22T00:01Z'].map(
      at => estimate(request, 'openai/gpt-5.6-sol', Date.parse(at)).bound,
    )
    // 290 tokens written to the cache and 20 of answer, at the old price and at the new
    expect(fallen).toBe(290n * 6_250_000n + 20n * 30_000_000n)
    expect(since).toBe(290n * 5_000_000n + 20n * 20_000_000n)
  })

  test('heeds the model that will answer instead, and the changes of its price', () => {
    const request = asking('hi', { maxOutputTokens: 1 })
    const [before, routed, dearer] = ['2026-11-20', '2026-12-20', '2026-12-31T12:00Z'].map(
      at => estimate(request, 'gemini/gemini-2.5-pro', Date.parse(at)).bound,
    )
    expect(before).toBe(290n * 1_250_000n + 10_000_000n)
    expect(routed).toBe(290n * 750_000n + 3_750_000n)
    expect(dearer).toBe(290n * 1_500_000n + 7_500_000n)
    // the day before, both may be billed: the old model is the dearer one
    expect(estimate(request, 'gemini/gemini-2.5-pro', Date.parse('2026-11-30T12:00Z')).bound).toBe(before)
  })
})

describe('writes to the cache', () => {
  const hinted = (lifetime?: string) =>
    asking([{ type: 'text', text: 'hi', cache: lifetime === undefined ? {} : { lifetime } }])
  const inputRate = (request: MessageRequest, model: string) => {
    const { bound = 0n, inputTokens, outputTokens } = estimate(request, model)
    const output = catalog.get(model)?.prices.at(-1)?.output ?? 0n
    return (bound - BigInt(outputTokens.most ?? 0) * output) / BigInt(inputTokens.most ?? 1)
  }

  test('count at Anthropic where they are asked for, at the price of their lifetime', () => {
    expect(inputRate(asking('hi'), 'anthropic/claude-opus-5-5')).toBe(4_000_000n)
    expect(inputRate(hinted(), 'anthropic/claude-opus-5-5')).toBe(5_000_000n)
    expect(inputRate(hinted('5m'), 'anthropic/claude-opus-5-5')).toBe(5_000_000n)
    expect(inputRate(hinted('1h'), 'anthropic/claude-opus-5-5')).toBe(8_000_000n)
    const whole = asking('hi', { extra: { 'anthropic-messages': { cache_control: { type: 'ephemeral' } } } })
    expect(inputRate(whole, 'anthropic/claude-opus-5-5')).toBe(5_000_000n)
  })

  test('count where a tool, a part or a message asks for them in the words of the dialect', () => {
    const model = 'anthropic/claude-opus-5-5'
    const control = (ttl?: string) => ({
      'anthropic-messages': { cache_control: { type: 'ephemeral', ...(ttl !== undefined && { ttl }) } },
    })
    const rates = (ttl?: string) => {
      const extra = control(ttl)
      return [
        asking('hi', { tools: [{ name: 'look', parameters: { type: 'object' }, extra }] }),
        asking([{ type: 'text', text: 'hi', extra }]),
        { ...asking('hi'), messages: [{ role: 'user', content: 'hi', extra } as const] },
      ].map(request => inputRate(request, model))
    }
    expect(rates()).toEqual([5_000_000n, 5_000_000n, 5_000_000n])
    expect(rates('1h')).toEqual([8_000_000n, 8_000_000n, 8_000_000n])
    const elsewhere = asking('hi', { tools: [{ name: 'look', extra: { 'openai-chat': { cache_control: {} } } }] })
    expect(inputRate(elsewhere, model)).toBe(4_000_000n)
  })

  test('count at OpenAI always, and for 12 hours where those are asked for', () => {
    expect(inputRate(asking('hi'), 'openai/gpt-6.1-terra')).toBe(1_250_000n)
    const long = asking('hi', { extra: { 'openai-responses': { prompt_cache_retention: '12h' } } })
    expect(inputRate(long, 'openai/gpt-6.1-terra')).toBe(2_500_000n)
  })

  test('for a lifetime without a known price have no bound', () => {
    expect(estimate(hinted('12h'), 'anthropic/claude-opus-5-5').unbounded).toEqual([
      'price: cacheWrite.12h has no known price',
    ])
    const long = asking([{ type: 'text', text: 'x'.repeat(200_000), cache: { lifetime: '1h' } }])
    expect(estimate(long, 'anthropic/claude-sonnet-4-5').unbounded).toEqual([
      'price of a long prompt: cacheWrite.1h has no known price',
    ])
  })

  test('that a provider cannot be asked for count for nothing', () => {
    for (const model of ['groq/openai/gpt-oss-20b', 'gemini/gemini-3.8-flash', 'ollama/qwen3', 'openai/gpt-6-sol']) {
      expect(estimate(hinted('1h'), model)).toMatchObject({
        unbounded: [],
        bound: estimate(asking([{ type: 'text', text: 'hi' }]), model).bound,
      })
    }
    expect(inputRate(hinted('12h'), 'openai/gpt-6.1-terra')).toBe(2_500_000n)
  })
})

describe('there is no bound, and it is said why,', () => {
  const base64 = (mediaType: string, data = 'aGk=') => ({ type: 'base64', mediaType, data }) as const
  test.each<[string, MessageRequest, string, string]>([
    [
      'for a file at an address',
      asking([
        { type: 'text', text: 'hi' },
        { type: 'image', source: { type: 'url', url: 'https://example.com/cat.png' } },
      ]),
      'openai/gpt-5.4',
      'messages[0].content[1]: what is at an address has a size that cannot be stated',
    ],
    [
      'for a file that the provider stores',
      asking([{ type: 'document', source: { type: 'file', id: 'file-1', origin: 'openai-chat' } }]),
      'openai/gpt-5.4',
      'messages[0].content[0]: what is stored at the provider has a size that cannot be stated',
    ],
    [
      'for a PDF',
      asking([{ type: 'document', source: base64('application/pdf') }]),
      'anthropic/claude-opus-5-5',
      'messages[0].content[0]: how much text a application/pdf holds cannot be stated from its bytes',
    ],
    [
      'for a sound',
      asking([{ type: 'audio', source: base64('audio/wav') }]),
      'gemini/gemini-3.8-flash',
      'messages[0].content[0]: how many tokens a sound is, and at what price, cannot be stated',
    ],
    [
      'for a picture of a provider that nothing is known of',
      asking([{ type: 'image', source: base64('image/png') }]),
      'lab/tiny',
      "messages[0].content[0]: no bound is known for this provider's pictures",
    ],
    [
      "for a provider's own block",
      asking([{ type: 'opaque', origin: 'anthropic-messages', value: { type: 'container_upload' } }]),
      'anthropic/claude-opus-5-5',
      'messages[0].content[0]: what a block that only anthropic-messages knows becomes cannot be stated',
    ],
    [
      "for a provider's own tool",
      asking('hi', { tools: [{ type: 'opaque', origin: 'openai-responses', value: { type: 'web_search' } }] }),
      'openai/gpt-5.4',
      "tools[0]: what a provider's own tool adds to the prompt cannot be stated",
    ],
    [
      'for a stored conversation',
      asking('hi', { extra: { 'openai-responses': { previous_response_id: 'resp_1' } } }),
      'openai/gpt-5.4',
      'extra.openai-responses.previous_response_id: what it costs cannot be stated',
    ],
    [
      'for a dearer service tier',
      asking('hi', { extra: { 'openai-chat': { service_tier: 'priority' } } }),
      'openai/gpt-5.4',
      'extra.openai-chat.service_tier: what it costs cannot be stated',
    ],
    [
      'for an answer in sound',
      asking('hi', { extra: { 'openai-chat': { modalities: ['text', 'audio'] } } }),
      'openai/gpt-4o',
      'extra.openai-chat.modalities: what it costs cannot be stated',
    ],
    [
      "for an answer in Gemini's voice",
      asking('hi', { extra: { gemini: { generationConfig: { responseModalities: ['AUDIO'] } } } }),
      'gemini/gemini-3.8-flash',
      'extra.gemini.generationConfig.responseModalities: what it costs cannot be stated',
    ],
    [
      'for a number of answers that is none',
      asking('hi', { extra: { 'openai-chat': { n: 1.5 } } }),
      'openai/gpt-5.4',
      'extra.openai-chat.n: what it costs cannot be stated',
    ],
    [
      'for a sound that the provider keeps',
      {
        maxOutputTokens: 5,
        messages: [{ role: 'assistant', content: 'hi', extra: { 'openai-chat': { audio: { id: 'audio_1' } } } }],
      },
      'openai/gpt-4o',
      'messages[0]: a stored sound has a size that cannot be stated',
    ],
    [
      'for a model that nobody knows',
      asking('hi'),
      'lab/huge',
      'price: no price of this model is known; state it under models',
    ],
    [
      'for a price of a part that nobody knows',
      asking('hi'),
      'openai/text-embedding-3-small',
      'price: output has no known price',
    ],
  ])('%s', (_, request, model, reason) => {
    const told = estimate(request, model)
    expect(told.unbounded).toEqual([reason])
    expect(told).not.toHaveProperty('bound')
  })

  test('for a prompt that may be long where the price of long ones was unknown', () => {
    const told = estimate(asking('x'.repeat(272_000)), 'openai/gpt-5.6-sol', Date.parse('2026-08-01'))
    expect(told.unbounded).toContain('price of a long prompt: input has no known price')
    expect(estimate(asking('short'), 'openai/gpt-5.6-sol', Date.parse('2026-08-01')).bound).toBeDefined()
  })
})

describe('a cap that is no number of tokens', () => {
  test.each([1.5, Number.NaN, Number.POSITIVE_INFINITY])('as %d is none', maxOutputTokens => {
    const told = estimate(asking('hi', { maxOutputTokens }), 'openai/gpt-5.4')
    expect(told.bound).toBeUndefined()
    expect(told.unbounded).toEqual(['maxOutputTokens: a cap is a whole number of tokens'])
  })
})

describe('a bound there is', () => {
  test('of the larger of two caps that are both sent', () => {
    const caps = { max_tokens: 9_000, max_completion_tokens: 100 }
    const most = (maxOutputTokens: number) =>
      estimate(asking('hi', { maxOutputTokens, extra: { 'openai-chat': caps } }), 'openai/gpt-5.4').outputTokens.most
    expect(most(100)).toBe(9_000)
    // a shorter answer is asked for in one word alone
    expect(most(80)).toBe(80)
  })

  test('for what is not sent to that provider', () => {
    const request = asking([{ type: 'opaque', origin: 'anthropic-messages', value: {} }], {
      tools: [{ type: 'opaque', origin: 'anthropic-messages', value: { type: 'web_search_20250305' } }],
      extra: { 'anthropic-messages': { container: 'c1' } },
    })
    expect(estimate(request, 'openai/gpt-5.4').unbounded).toEqual([])
    expect(estimate(request, 'lab/tiny').unbounded).toHaveLength(3)
  })

  test('for fields that cost nothing but their bytes', () => {
    const extra = { 'openai-chat': { user: 'u', service_tier: 'flex', modalities: ['text'], verbosity: null, n: 1 } }
    const told = estimate(asking('hi', { extra }), 'openai/gpt-5.4')
    expect(told.unbounded).toEqual([])
    expect(Number(told.inputTokens.most)).toBeGreaterThan(
      Number(estimate(asking('hi'), 'openai/gpt-5.4').inputTokens.most),
    )
  })

  test('for tools, calls, thoughts and a format, with a margin for each', () => {
    const tokens = (request: MessageRequest) => Number(estimate(request, 'openai/gpt-5.4').inputTokens.most)
    const frame = 256 + 32
    const json = (value: object) => JSON.stringify(value, null, 4).length
    const tool = { name: 'now', parameters: { type: 'object' } }
    expect(tokens(asking('', { tools: [tool] }))).toBe(frame + 1_024 + 64 + json({ type: 'function', function: tool }))
    expect(tokens(asking('', { responseFormat: { type: 'json' } }))).toBe(frame + 512)
    const format = { type: 'json-schema', name: 'a', schema: { type: 'object' } } as const
    expect(tokens(asking('', { responseFormat: format }))).toBe(frame + 512 + json(format))
    const assistant = (part: AssistantPart): MessageRequest => ({ messages: [{ role: 'assistant', content: [part] }] })
    const thought = { type: 'reasoning', text: 'hmm', signature: 'abcdef', origin: 'anthropic-messages' } as const
    expect(tokens(assistant(thought))).toBe(frame + 8 + 3 + 6)
    const call = { type: 'tool-call', id: 'c1', name: 'now', input: { a: 1 } } as const
    expect(tokens(assistant(call))).toBe(frame + 8 + 2 + json({ name: 'now', arguments: { a: 1 } }))
    const named = { messages: [{ role: 'user', name: 'ann', content: 'hi' }] } as const
    expect(tokens(named)).toBe(frame + 3 + 2)
  })

  test('for text and pictures whose bytes are sent', () => {
    const part = (type: 'image' | 'document', mediaType: string): UserPart => ({
      type,
      source: { type: 'base64', mediaType, data: 'aGk=' },
    })
    const tokens = (model: string, content: readonly UserPart[] | string) =>
      Number(estimate(asking(content), model).inputTokens.most)
    expect(tokens('openai/gpt-5.4', [part('image', 'image/png')])).toBe(256 + 32 + 8 + 25_000)
    expect(tokens('openai/gpt-4o-mini', [part('image', 'image/png')])).toBe(256 + 32 + 8 + 50_000)
    expect(tokens('anthropic/claude-opus-5-5', [part('document', 'text/plain')])).toBe(256 + 32 + 8 + 4)
  })
})

describe('the bound is never below the bill', () => {
  const models = catalog.find().filter(({ capabilities }) => capabilities.embeddings !== true)
  const images: Readonly<Record<string, number>> = { openai: 16_000, anthropic: 4_800, gemini: 4_128, xai: 1_792 }
  const bills = fc.record({
    request: boundableRequest,
    model: fc.constantFrom(...models),
    at: fc.integer({ min: Date.parse('2026-06-01'), max: Date.parse('2027-03-01') }),
    later: fc.integer({ min: 1 - day, max: day }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    split: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 }),
  })

  test('whatever the server makes of the prompt, caches of it, thinks and answers', () => {
    let compared = 0
    fc.assert(
      fc.property(bills, ({ request, model, at, later, share, split }) => {
        const { bound } = catalog.estimate(request, model, { at })
        const most = spendthriftTokens(request, images[model.provider] ?? 0)
        const tokens = Math.floor(most * Math.sqrt(share))
        const [read = 0, written = 0, thought = 0] = split
        const cacheRead = Math.floor(tokens * read)
        const wrote = Math.floor((tokens - cacheRead) * written)
        const output = Math.floor((request.maxOutputTokens ?? 0) * (1 - share * share))
        const reasoning = Math.floor(output * thought)
        // Anthropic writes only what it is asked to
        const lifetimes = model.provider === 'anthropic' ? hintedLifetimes(request) : ['30m', 'default']
        const lifetime = lifetimes[Math.floor(share * 100) % lifetimes.length]
        const cacheWrite = lifetime === undefined ? {} : { [lifetime]: wrote }
        const uncached = tokens - cacheRead - (lifetime === undefined ? 0 : wrote)
        const usage = { input: { uncached, cacheRead, cacheWrite }, output: { text: output - reasoning, reasoning } }
        const { total } = catalog.cost(usage, model, at + later)
        if (total === undefined || bound === undefined) return
        compared++
        expect(total <= bound, `${total} is over ${bound}`).toBe(true)
      }),
      { numRuns: 600 },
    )
    expect(compared).toBeGreaterThan(150)
  }, 60_000)

  test('nor is the most that a spendthrift server makes of the prompt', () => {
    fc.assert(
      fc.property(boundableRequest, request => {
        const { inputTokens } = catalog.estimate(request, 'openai/gpt-5.4')
        expect(spendthriftTokens(request, 16_000)).toBeLessThanOrEqual(Number(inputTokens.most))
      }),
      { numRuns: 300 },
    )
  }, 60_000)
})
