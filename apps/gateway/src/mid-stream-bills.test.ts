import { request } from 'node:http'
import { type AttemptEntry, formatMoney, parseMoney } from '@switchyard/core'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { longAnswer, longText, seenStream } from './testing/long-answer.ts'
import { billOf, startPriced } from './testing/priced-targets.ts'
import { hello, type TwoTargets } from './testing/two-targets.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let pair: TwoTargets
beforeAll(async () => {
  const price = 'maxOutputTokens: 1000, price: { input: 1, output: 2 }'
  pair = await startPriced({
    reply: longAnswer,
    secondReply: longAnswer,
    retry: '{ attempts: 1 }',
    circuitBreaker: '{ minimumCalls: 1000 }',
    server: '{ port: 0, budget: all }',
    more: 'budgets: { all: { limit: 5 USD, window: day } }',
    models: `{ first/model-a: { ${price} }, second/model-b: { ${price} }, second/prefills: { ${price}, capabilities: { prefill: true } } }`,
    chains: '  prefilled: { targets: [first/model-a, second/prefills] }',
  })
})
afterAll(async () => {
  await pair[Symbol.asyncDispose]()
})
beforeEach(() => {
  pair.first.reset()
  pair.second.reset()
})

interface Entry {
  readonly outcome: string
  readonly target: string
  readonly cost: string
  readonly attempts: readonly (Pick<AttemptEntry, 'target' | 'outcome' | 'usage'> & {
    readonly cost: string
    readonly cost_is: string
    readonly estimate?: string
  })[]
}

async function entryOf(requestId: string): Promise<Entry> {
  return (await (await fetch(`${pair.gateway.url}/usage?request=${requestId}`)).json()) as Entry
}

const amount = (text: string | undefined) => parseMoney(text ?? '') ?? -1n

describe.each(['pair', 'prefilled'])('what a continued answer of the chain %s cost', chain => {
  test('is what every attempt cost: bills as the providers wrote them, and a bound for what was cut', async () => {
    pair.first.setFault({ type: 'cut', atEvent: 30 })
    if (chain === 'prefilled') pair.second.setFault({ type: 'prefill', behaviour: 'continued' })
    const requestId = `continued-${chain}`
    const seen = await seenStream(pair, { model: chain, max_tokens: 500 }, { headers: { 'x-request-id': requestId } })
    expect(seen).toMatchObject({ text: longText, finishReason: 'stop' })

    const entry = await entryOf(requestId)
    expect(entry).toMatchObject({ outcome: 'completed', attempts: [{ outcome: 'failed' }, { outcome: 'completed' }] })
    const [cut, went] = entry.attempts
    expect(went).toMatchObject({ cost_is: 'bill', cost: formatMoney(billOf(pair.second)) })
    // it was cut before its usage: nobody can know the bill, and it is no less than what was billed
    expect(cut).toMatchObject({ target: 'first/model-a', cost_is: 'bound' })
    expect(amount(cut?.cost)).toBeGreaterThanOrEqual(billOf(pair.first))
    expect(amount(entry.cost)).toBe(amount(cut?.cost) + amount(went?.cost))
    expect(seen.cost).toBe(entry.cost)
  })
})

test('where the cut attempt told its usage, the sum is that of the providers, to the last digit', async () => {
  // all was made and told but the terminator's line
  pair.first.setFault({ type: 'no-terminator' })
  const requestId = 'told-its-usage'
  const seen = await seenStream(pair, { model: 'pair', max_tokens: 500 }, { headers: { 'x-request-id': requestId } })
  expect(seen.text).toBe(longText)
  const entry = await entryOf(requestId)
  expect(entry.cost).toBe(formatMoney(billOf(pair.first, pair.second)))
})

test('a second attempt that prefills makes, and is billed, only the rest', async () => {
  pair.first.setFault({ type: 'cut', atEvent: 30 })
  pair.second.setFault({ type: 'prefill', behaviour: 'continued' })
  pair.second.script({ type: 'answer', text: longText })
  expect(await seenStream(pair, { model: 'prefilled' })).toMatchObject({ text: longText })
  const [rest] = pair.second.bill.entries
  pair.second.reset()
  pair.second.script({ type: 'answer', text: longText })
  await seenStream(pair, { model: 'second/model-b' })
  const [all] = pair.second.bill.entries
  expect(rest?.outputTokens).toBeLessThan((all?.outputTokens ?? 0) / 2)
})

test('usage describes the answer that was delivered, not the attempts', async () => {
  const { usage: plain } = await seenStream(pair, { model: 'pair' })
  pair.first.setFault({ type: 'cut', atEvent: 30 })
  const { usage: again } = await seenStream(pair, { model: 'pair' })
  expect(again?.completion_tokens).toBe(plain?.completion_tokens)
  expect(again?.prompt_tokens).toBe(plain?.prompt_tokens)
})

test('an answer that nobody could go on with is recorded with all its attempts, and what it cost is told', async () => {
  pair.first.setFault({ type: 'cut', atEvent: 30 })
  pair.second.setFault({ type: 'other-text', text: 'Something else.' })
  const requestId = 'other-words'
  const { error, text } = await seenStream(pair, { model: 'pair' }, { headers: { 'x-request-id': requestId } })
  expect(error).toBeDefined()
  expect(longText.startsWith(text)).toBe(true)
  await expect.poll(async () => (await entryOf(requestId)).outcome).toBe('failed')
  const { attempts } = await entryOf(requestId)
  expect(attempts.map(({ target }) => target)).toEqual(['first/model-a', 'second/model-b'])
  const { cost } = await entryOf(requestId)
  const logged = () => pair.log.find(({ id }) => id === requestId)?.cost
  await expect.poll(logged).toBe(cost)
  const billed = [
    { target: 'first/model-a', cost_is: 'bound' },
    { target: 'second/model-b', cost_is: 'bound' },
  ]
  expect(error).toMatchObject({ error: { cost, billed } })
})

test('trailers tell of all attempts, also where the answer ends with an error; the log tells who went on', async () => {
  pair.first.setFault({ type: 'cut', atEvent: 30 })
  expect(await trailersOf('went-on')).toMatchObject({ 'x-switchyard-attempts': '2' })
  await expect.poll(() => pair.log.find(({ id }) => id === 'went-on')?.target).toBe('second/model-b')
  pair.second.setFault({ type: 'other-text', text: 'Something else.' })
  const trailers = await trailersOf('broke-off')
  expect(trailers).toEqual({ 'x-switchyard-attempts': '2', 'x-switchyard-cost': (await entryOf('broke-off')).cost })
})

test('a budget that has nothing left for who would go on: the error says so, in words of HTTP', async () => {
  const price = 'maxOutputTokens: 1000, price: { input: 1, output: 2 }'
  await using tight = await startPriced({
    reply: longAnswer,
    secondReply: longAnswer,
    retry: '{ attempts: 1 }',
    server: '{ port: 0, budget: all }',
    more: 'budgets: { all: { limit: 0.002 USD, window: day } }',
    models: `{ first/model-a: { ${price} }, second/model-b: { ${price} } }`,
  })
  tight.first.setFault({ type: 'cut', atEvent: 30 })
  const { error, text } = await seenStream(tight, { model: 'pair', max_tokens: 500 })
  expect(longText.startsWith(text)).toBe(true)
  expect(error).toMatchObject({ error: { code: 'truncated', billed: [{ target: 'first/model-a' }] } })
  expect((error as Error).message).toMatch(
    /broke off after \d+ characters.*The budget "all" has .*max_tokens in the body/,
  )
  expect(tight.second.requestCount).toBe(0)
})

function trailersOf(requestId: string): Promise<NodeJS.Dict<string>> {
  return new Promise((resolve, reject) => {
    const asked = request(`${pair.gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', te: 'trailers', 'x-request-id': requestId },
    })
    asked.on('response', response => {
      response.resume()
      response.on('end', () => resolve(response.trailers))
    })
    asked.on('error', reject)
    asked.end(JSON.stringify({ ...hello, max_tokens: 500, stream: true }))
  })
}
