import { createHash } from 'node:crypto'
import OpenAI from 'openai'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { billOf, dollars, startPriced, usageOf } from './testing/priced-targets.ts'
import { hello, type TwoTargets, wholeText } from './testing/two-targets.ts'

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

const limited = (limit: string) => ({ server: '{ port: 0, limit: tier }', more: `limits: { tier: { ${limit} } }` })

describe('a limit', () => {
  test('that is used up is a 429 with Retry-After, and nobody is asked', async () => {
    const pair = await priced(limited('requestsPerMinute: 2'))
    await wholeText(pair.client)
    await wholeText(pair.client)
    const error = await wholeText(pair.client).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(OpenAI.RateLimitError)
    expect(error).toMatchObject({ status: 429, code: 'rate_limit_exceeded' })
    const wait = Number((error as { headers: Headers }).headers.get('retry-after'))
    expect(wait).toBeGreaterThan(0)
    expect(wait).toBeLessThanOrEqual(61)
    const { headers } = error as { headers: Headers }
    expect(headers.get('x-ratelimit-limit-requests')).toBe('2')
    expect(headers.get('x-ratelimit-remaining-requests')).toBe('0')
    expect((error as Error).message).toContain('The limit "tier"')
    expect(pair.first.requestCount + pair.second.requestCount).toBe(2)
  })

  test('never takes more at once than it allows', async () => {
    const pair = await priced(limited('requestsPerMinute: 5'))
    const asked = await Promise.allSettled(Array.from({ length: 20 }, () => wholeText(pair.client)))
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(5)
    expect(pair.first.requestCount + pair.second.requestCount).toBe(5)
  })

  test('tells beside an answer how much it leaves, as OpenAI does', async () => {
    const pair = await priced(limited('requestsPerMinute: 10, tokensPerMinute: 100000'))
    const { response } = await pair.client.chat.completions.create(hello).withResponse()
    expect(response.headers.get('x-ratelimit-limit-requests')).toBe('10')
    expect(response.headers.get('x-ratelimit-remaining-requests')).toBe('9')
    expect(response.headers.get('x-ratelimit-limit-tokens')).toBe('100000')
    const used = pair.first.bill.totals.inputTokens + pair.first.bill.totals.outputTokens
    expect(response.headers.get('x-ratelimit-remaining-tokens')).toBe(String(100_000 - used))
  })

  test('of one target leaves the other to answer', async () => {
    const pair = await priced({
      models: '{ first/model-a: { limit: tier } }',
      more: 'limits: { tier: { requestsPerMinute: 1 } }',
    })
    for (let asked = 0; asked < 4; asked++) await wholeText(pair.client)
    expect([pair.first.requestCount, pair.second.requestCount]).toEqual([1, 3])
  })
})

test('a budget that refuses one target and a limit that refuses the other are no status of either', async () => {
  const pair = await priced({
    models:
      '{ first/model-a: { budget: small, maxOutputTokens: 9, price: { input: 1, output: 2 } }, second/model-b: { limit: tier } }',
    more: 'budgets: { small: { limit: 0.000001 USD, window: total } }\nlimits: { tier: { tokensPerMinute: 1 } }',
  })
  await expect(wholeText(pair.client)).rejects.toMatchObject({ status: 502 })
  expect(pair.first.requestCount + pair.second.requestCount).toBe(0)
})

describe('keys', () => {
  const keys = { web: 'key-of-web-0123456789', batch: 'key-of-batch-123456789', boss: 'key-of-boss-987654321' }
  const hashOf = (key: string) => `sha256:${createHash('sha256').update(key).digest('hex')}`
  const more = `
budgets: { web: { limit: 1 USD, window: total }, nightly: { limit: 0.5 USD, window: month }, tiny: { limit: 0.000001 USD, window: day } }
limits: { slow: { requestsPerMinute: 1 } }
tags: { nightly: { budget: nightly } }
keys:
  - { name: web, hash: "${hashOf(keys.web)}", budget: web, tags: [nightly], limit: slow }
  - { name: batch, hash: "${hashOf(keys.batch)}", budget: tiny }
  - { name: boss, hash: "${hashOf(keys.boss)}", admin: true }`

  test('hold their own budgets and limits, and their tags those of tags', async () => {
    const pair = await priced({ more, apiKey: keys.web })
    await wholeText(pair.client)
    await expect(wholeText(pair.client)).rejects.toMatchObject({ status: 429 })
    const as = (apiKey: string) => new OpenAI({ baseURL: `${pair.gateway.url}/v1`, apiKey, maxRetries: 0 })
    await expect(wholeText(as(keys.batch))).rejects.toMatchObject({ status: 402 })
    await wholeText(as(keys.boss))
    const bill = dollars(billOf(pair.first) / 2n)
    const { budgets, total_requests } = await usageOf(pair.gateway, '', keys.boss)
    expect(budgets).toMatchObject({ web: { spent_usd: bill }, nightly: { spent_usd: bill }, tiny: { spent_usd: 0 } })
    // those that were refused are requests as well
    expect(total_requests).toBe(4)
  })

  test('see their own usage alone; an administrator sees all', async () => {
    const pair = await priced({ more, apiKey: keys.web })
    const tagged = { headers: { 'x-request-id': 'of-web' } }
    await pair.client.chat.completions.create(hello, tagged)
    await new OpenAI({ baseURL: `${pair.gateway.url}/v1`, apiKey: keys.boss }).chat.completions.create(hello)
    const bill = billOf(pair.first)
    const own = await usageOf(pair.gateway, '', keys.web)
    expect(own).toMatchObject({ total_requests: 1, total_cost_usd: dollars(bill / 2n) })
    expect(Object.keys(own.budgets).sort()).toEqual(['nightly', 'web'])
    expect(await usageOf(pair.gateway, '', keys.boss)).toMatchObject({
      total_requests: 2,
      total_cost_usd: dollars(bill),
    })
    expect(await usageOf(pair.gateway, '?key=web', keys.boss)).toMatchObject({ total_requests: 1 })
    const status = async (path: string, key?: string) =>
      (await fetch(`${pair.gateway.url}${path}`, { headers: key ? { authorization: `Bearer ${key}` } : {} })).status
    expect(await status('/usage')).toBe(401)
    expect(await status('/usage?key=boss', keys.web)).toBe(403)
    expect(await status('/usage?request=of-web', keys.web)).toBe(200)
    expect(await status('/usage?request=of-web', keys.boss)).toBe(200)
    expect(await status('/usage?request=of-web', keys.batch)).toBe(404)
  })
})
