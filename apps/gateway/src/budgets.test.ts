import { formatMoney, parseMoney, SwitchyardError } from '@switchyard/core'
import OpenAI from 'openai'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { testDataDirectory } from './testing/data-directory.ts'
import { billOf, dollars, startPriced, usageOf } from './testing/priced-targets.ts'
import { firstText, hello, streamedText, type TwoTargets, wholeText } from './testing/two-targets.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const started: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of started.splice(0).reverse()) await one[Symbol.asyncDispose]()
})

async function priced(options: Parameters<typeof startPriced>[0] = {}): Promise<TwoTargets> {
  const pair = await startPriced(options)
  started.push(pair)
  return pair
}

const budgetOf = (limit: string, more = '') => ({
  server: '{ port: 0, budget: all }',
  more: `budgets: { all: { limit: ${limit}, window: day${more} } }`,
})

const ask = (pair: TwoTargets, body: object = {}, headers: Record<string, string> = {}) =>
  fetch(`${pair.gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ ...hello, ...body }),
  })

describe('a budget that is used up', () => {
  test('is a 402 that says what is left, when it renews and what was asked', async () => {
    const pair = await priced({ ...budgetOf('0.0001 USD') })
    const error = await wholeText(pair.client).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(OpenAI.APIError)
    expect(error).toMatchObject({ status: 402, code: 'budget_exceeded', type: 'insufficient_quota' })
    const { message } = error as Error
    expect(message).toMatch(/budget "all" has 0\.0001 USD of 0\.0001 USD left/)
    expect(message).toMatch(/may cost up to 0\.00\d+ USD/)
    expect(message).toMatch(/renews on \d{4}-\d{2}-\d{2}/)
    expect(pair.first.requestCount + pair.second.requestCount).toBe(0)
    expect(await usageOf(pair.gateway)).toMatchObject({ total_cost_usd: 0, budgets: { all: { spent_usd: 0 } } })
  })

  test('a price that nobody knows is refused with the cure', async () => {
    const pair = await priced({ ...budgetOf('1 USD') })
    const response = await ask(pair, { model: 'first/other', max_tokens: 10 })
    expect(response.status).toBe(402)
    expect(await response.text()).toContain('models.first/other.price')
  })

  test('an answer without a stated end is refused, unless the caller says the most that it may cost', async () => {
    const pair = await priced({ ...budgetOf('1 USD'), models: '{ first/model-a: { price: { input: 1, output: 2 } } }' })
    const refused = await ask(pair, { model: 'first/model-a' })
    expect(refused.status).toBe(402)
    expect(await refused.text()).toMatch(/max_tokens.*x-switchyard-max-cost/)
    const headers = { 'x-switchyard-max-cost': '0.01 USD' }
    expect((await ask(pair, { model: 'first/model-a' }, headers)).status).toBe(200)
    expect((await ask(pair, { model: 'first/model-a', max_tokens: 50 })).status).toBe(200)
  })

  test('fifty calls at once never spend more than it holds, and it is nearly all spent', async () => {
    // each spends most of what it sets aside
    const reply = { type: 'answer', text: 'word '.repeat(280) } as const
    const pair = await priced({ ...budgetOf('0.004 USD', ', maxWait: 3s'), reply })
    const statuses = await Promise.all(
      Array.from({ length: 50 }, async () => {
        const response = await ask(pair, { max_tokens: 300, model: 'first/model-a' })
        await response.text()
        return response.status
      }),
    )
    expect(new Set(statuses)).toEqual(new Set([200, 402]))
    const bill = billOf(pair.first, pair.second)
    const limit = parseMoney('0.004 USD') as bigint
    expect(bill).toBeLessThanOrEqual(limit)
    expect(bill).toBeGreaterThan((limit * 6n) / 10n)
    expect((await usageOf(pair.gateway)).total_cost_usd).toBe(dollars(bill))
  })

  test('a clamped answer tells so', async () => {
    const pair = await priced({ ...budgetOf('0.0015 USD', ', onLow: clamp') })
    const response = await ask(pair, { model: 'first/model-a' })
    expect(response.status).toBe(200)
    expect(response.headers.get('x-switchyard-warnings')).toContain('maxOutputTokens')
  })
})

describe('what an answer cost', () => {
  test('is left of the budget of a chain in a chain, too', async () => {
    const pair = await priced({
      chains: '  outer: { targets: [inner] }\n  inner: { targets: [first/model-a], budget: team }',
      more: 'budgets: { team: { limit: 1 USD, window: day } }',
    })
    const { response } = await pair.client.chat.completions.create({ ...hello, model: 'outer' }).withResponse()
    expect(response.headers.get('x-switchyard-budget-remaining')).toBe(formatMoney(10n ** 12n - billOf(pair.first)))
  })

  test('stands in the headers of a whole answer, with what is left, and is what the provider bills', async () => {
    const pair = await priced({ ...budgetOf('1 USD') })
    const { data, response } = await pair.client.chat.completions.create(hello).withResponse()
    const bill = billOf(pair.first)
    expect(bill).toBeGreaterThan(0n)
    expect(response.headers.get('x-switchyard-cost')).toBe(formatMoney(bill))
    expect(response.headers.get('x-switchyard-budget-remaining')).toBe(formatMoney(10n ** 12n - bill))
    expect((data as { cost?: string }).cost).toBe(formatMoney(bill))
    await expect.poll(() => pair.log.at(-1)?.cost).toBe(formatMoney(bill))
    const second = await pair.client.chat.completions.create(hello).withResponse()
    expect(second.response.headers.get('x-switchyard-budget-remaining')).toBe(
      formatMoney(10n ** 12n - billOf(pair.first)),
    )
  })

  test('stands in the last chunk of a stream, where usage is asked for', async () => {
    const pair = await priced({ ...budgetOf('1 USD') })
    const stream = pair.client.chat.completions.stream({ ...hello, stream_options: { include_usage: true } })
    const chunks: OpenAI.ChatCompletionChunk[] = []
    for await (const chunk of stream) chunks.push(chunk)
    expect(chunks.at(-1)).toMatchObject({ cost: formatMoney(billOf(pair.first)), choices: [] })
    expect((await stream.finalChatCompletion()).choices[0]?.message.content).toBe(firstText)
  })

  test('is a trailer of a stream whose client takes trailers', async () => {
    const pair = await priced({ ...budgetOf('1 USD') })
    const { request } = await import('node:http')
    const trailers = await new Promise<NodeJS.Dict<string>>((resolve, reject) => {
      const asked = request(`${pair.gateway.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', te: 'trailers' },
      })
      asked.on('response', response => {
        response.resume()
        response.on('end', () => resolve(response.trailers))
      })
      asked.on('error', reject)
      asked.end(JSON.stringify({ ...hello, stream: true }))
    })
    expect(trailers).toEqual({ 'x-switchyard-cost': formatMoney(billOf(pair.first)), 'x-switchyard-attempts': '1' })
  })

  test('counts the attempts that failed before it', async () => {
    const pair = await priced({ ...budgetOf('1 USD') })
    pair.first.script({ type: 'cut', atEvent: 1 })
    const { response } = await pair.client.chat.completions.create(hello).withResponse()
    const cost = parseMoney(response.headers.get('x-switchyard-cost') ?? '') as bigint
    expect(cost).toBeGreaterThanOrEqual(billOf(pair.first, pair.second))
    expect((await usageOf(pair.gateway)).total_cost_usd).toBe(dollars(cost))
  })
})

describe('the ledger', () => {
  test('tells what the simulated providers bill, to the last digit', async () => {
    const pair = await priced({ ...budgetOf('1 USD') })
    for (let index = 0; index < 20; index++) {
      if (index % 2) await streamedText(pair.client, index % 3 ? 'pair' : 'second/model-b')
      else await wholeText(pair.client, index % 3 ? 'pair' : 'second/model-b')
    }
    const usage = await usageOf(pair.gateway)
    const bill = billOf(pair.first, pair.second)
    expect(usage).toEqual({
      total_requests: 20,
      total_cost_usd: dollars(bill),
      budget_used_percent: expect.closeTo(Number(bill) / 1e10, 3),
      avg_cost_per_request: dollars(bill / 20n),
      cost_by_model: {
        'first/model-a': dollars(billOf(pair.first)),
        'second/model-b': dollars(billOf(pair.second)),
      },
      budgets: {
        all: {
          limit_usd: 1,
          spent_usd: dollars(bill),
          reserved_usd: expect.any(Number),
          used_percent: expect.closeTo(Number(bill) / 1e10, 3),
        },
      },
    })
  })

  test('has an entry of each request by its id, and none of another', async () => {
    const pair = await priced({ ...budgetOf('1 USD') })
    await ask(pair, {}, { 'x-request-id': 'mine-1', 'x-switchyard-tags': 'nightly' }).then(response => response.text())
    const response = await fetch(`${pair.gateway.url}/usage?request=mine-1`)
    expect(await response.json()).toMatchObject({
      request_id: 'mine-1',
      chain: 'pair',
      tags: ['nightly'],
      outcome: 'completed',
      target: 'first/model-a',
      cost: formatMoney(billOf(pair.first)),
      attempts: [{ target: 'first/model-a', cost_is: 'bill', usage: { output: { text: expect.any(Number) } } }],
    })
    const missing = await fetch(`${pair.gateway.url}/usage?request=other`)
    expect(missing.status).toBe(404)
    expect(await missing.json()).toMatchObject({ error: { code: 'not_found' } })
  })

  test('filters by chain, model, tag and time, and refuses what it does not know', async () => {
    const pair = await priced({ ...budgetOf('1 USD') })
    await wholeText(pair.client)
    await ask(pair, { model: 'second/model-b' }, { 'x-switchyard-tags': 'nightly' }).then(response => response.text())
    const cost = async (query: string) => (await usageOf(pair.gateway, query)).total_cost_usd
    expect(await cost('?chain=pair')).toBe(dollars(billOf(pair.first)))
    expect(await cost('?model=second/model-b')).toBe(dollars(billOf(pair.second)))
    expect(await cost('?tag=nightly')).toBe(dollars(billOf(pair.second)))
    expect(await cost('?to=2020-01-01')).toBe(0)
    const wrong = await fetch(`${pair.gateway.url}/usage?from=yesterday`)
    expect(wrong.status).toBe(400)
  })

  test('keeps what was spent over a restart', async () => {
    await using data = await testDataDirectory()
    const options = { ...budgetOf('1 USD'), dataDirectory: data.path }
    const pair = await startPriced(options)
    await wholeText(pair.client)
    const bill = dollars(billOf(pair.first))
    await pair[Symbol.asyncDispose]()
    const again = await startPriced(options)
    try {
      expect(await usageOf(again.gateway)).toMatchObject({
        total_requests: 1,
        total_cost_usd: bill,
        budgets: { all: { spent_usd: bill, reserved_usd: 0 } },
      })
    } finally {
      await again[Symbol.asyncDispose]()
    }
  })

  test('charges what a client left at the most that it can have cost, with a guess beside it', async () => {
    const pair = await priced({ ...budgetOf('1 USD') })
    pair.first.setFault({ type: 'drip', ms: 50 })
    const leaving = new AbortController()
    const response = await fetch(`${pair.gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-request-id': 'left-1' },
      body: JSON.stringify({ ...hello, stream: true, max_tokens: 200 }),
      signal: leaving.signal,
    })
    const reader = response.body?.getReader()
    await reader?.read()
    leaving.abort()
    await reader?.read().catch(() => {})
    const entry = async () => (await fetch(`${pair.gateway.url}/usage?request=left-1`)).json() as Promise<Entry>
    await expect.poll(async () => (await entry()).outcome).toBe('cancelled')
    const [attempt] = (await entry()).attempts
    expect(attempt).toMatchObject({ cost_is: 'bound', estimate: expect.any(String) })
    const cost = parseMoney(attempt?.cost ?? '') as bigint
    expect(cost).toBeGreaterThanOrEqual(400_000_000n)
    expect(cost).toBeGreaterThanOrEqual(billOf(pair.first))
    expect(parseMoney(attempt?.estimate ?? '') as bigint).toBeLessThan(cost)
    expect(await usageOf(pair.gateway)).toMatchObject({ budgets: { all: { spent_usd: dollars(cost) } } })
  })

  interface Entry {
    readonly outcome: string
    readonly attempts: readonly { readonly cost: string; readonly estimate?: string }[]
  }
})

describe('an answer ends only once it is in the ledger', () => {
  test('a stream waits for the commit', async () => {
    const pair = await priced({ ...budgetOf('1 USD') })
    const { ledger } = pair.gateway.switchyard
    if (ledger === undefined) throw new Error('no ledger')
    const commit = ledger.commit.bind(ledger)
    let release = (): void => {}
    const held = new Promise<void>(resolve => {
      release = resolve
    })
    vi.spyOn(ledger, 'commit').mockImplementation(async record => {
      await held
      await commit(record)
    })
    started.push({ [Symbol.asyncDispose]: async () => release() })
    // its last words come before its end does
    pair.first.setFault({ type: 'drip', ms: 60 })
    const response = await ask(pair, { stream: true })
    const reader = (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    while (!text.includes(' at once.')) text += (await reader.read()).value ?? ''
    const next = reader.read()
    expect(await Promise.race([next, new Promise(resolve => setTimeout(resolve, 100, 'nothing'))])).toBe('nothing')
    expect(text).not.toContain('"finish_reason":"stop"')
    release()
    text += (await next).value ?? ''
    for (let read = await reader.read(); !read.done; read = await reader.read()) text += read.value
    expect(text).toContain('"finish_reason":"stop"')
    expect(text).toContain('[DONE]')
  })

  test('where it cannot be recorded, the client gets an error and no end', async () => {
    const pair = await priced({ ...budgetOf('1 USD') })
    const { ledger } = pair.gateway.switchyard
    if (ledger === undefined) throw new Error('no ledger')
    vi.spyOn(ledger, 'commit').mockRejectedValue(new SwitchyardError('unavailable', 'The ledger is full.'))
    const streamed = await (await ask(pair, { stream: true })).text()
    expect(streamed).not.toContain('[DONE]')
    expect(streamed).not.toContain('"finish_reason":"stop"')
    expect(streamed).toContain('"error"')
    const whole = await ask(pair)
    expect(whole.status).toBeGreaterThanOrEqual(500)
    expect(await whole.text()).not.toContain('antwortet')
  })
})
