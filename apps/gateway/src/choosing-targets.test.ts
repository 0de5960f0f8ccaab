import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { seenStream } from './testing/long-answer.ts'
import { firstText, hello, secondText, startTwoTargets, type TwoTargets, wholeText } from './testing/two-targets.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let pair: TwoTargets
beforeAll(async () => {
  const price = 'maxOutputTokens: 1000, price: { input: 1, output: 2 }'
  pair = await startTwoTargets({
    retry: '{ attempts: 1 }',
    timeouts: '{ connect: 5s, firstToken: 10s, idle: 10s, total: 30s }',
    circuitBreaker: '{ minimumCalls: 1000 }',
    server: '{ port: 0, budget: all }',
    more: 'budgets: { all: { limit: 5 USD, window: day } }',
    models: `{ first/model-a: { ${price} }, second/model-b: { ${price} }, first/narrow: { ${price} }, first/queued: { ${price} }, first/cheap: { maxOutputTokens: 1000, price: { input: 0.1, output: 0.1 } } }`,
    chains: `
  hedged: { hedge: { after: 100ms }, targets: [first/model-a, second/model-b] }
  unhedged: { targets: [first/model-a, second/model-b] }
  drafts: { targets: [{ model: first/model-a, when: { tasks: [draft] } }, second/model-b] }
  web: { targets: [{ model: first/model-a, when: { metadata: { team: web } } }, second/model-b] }
  short: { targets: [{ model: first/model-a, when: { maxInputTokens: 100, maxCost: 0.01 USD } }, second/model-b] }
  together: { select: weighted, sticky: true, targets: [first/model-a, second/model-b] }
  cheapest: { select: cost, targets: [second/model-b, first/cheap] }
  split: { select: weighted, targets: [{ model: first/model-a, weight: 3 }, second/model-b] }
  narrow: { targets: [{ model: first/narrow, concurrency: { limit: 1 } }, second/model-b] }
  queue: { targets: [{ model: first/queued, concurrency: { limit: 1, maxWait: 10s } }, second/model-b] }
  long: { targets: [first/model-a], onContextLength: [second/model-b] }`,
  })
})
afterAll(async () => {
  await pair[Symbol.asyncDispose]()
})
beforeEach(() => {
  pair.first.reset()
  pair.second.reset()
})

describe('a first token that is slow to come', () => {
  test('is raced by the next target, and the loser is left at once and billed', async () => {
    pair.first.setFault({ type: 'slow-first-event', ms: 8_000 })
    const began = performance.now()
    const seen = await seenStream(pair, { model: 'hedged' }, { headers: { 'x-request-id': 'hedged-1' } })
    expect(performance.now() - began).toBeLessThan(4_000)
    expect(seen).toMatchObject({ text: secondText, finishReason: 'stop', models: ['second/model-b'] })
    await pair.first.waitForClose(0)
    await pair.first.waitForIdle()
    const entry = (await (await fetch(`${pair.gateway.url}/usage?request=hedged-1`)).json()) as {
      readonly attempts: readonly { readonly target: string; readonly outcome: string; readonly cost_is: string }[]
    }
    expect(entry.attempts.map(({ target, outcome }) => `${target} ${outcome}`).sort()).toEqual([
      'first/model-a cancelled',
      'second/model-b completed',
    ])
  })

  test('is waited for where nobody said to race', async () => {
    pair.first.setFault({ type: 'slow-first-event', ms: 400 })
    expect(await wholeText(pair.client, 'unhedged')).toBe(firstText)
    expect(pair.second.requestCount).toBe(0)
  })

  test('wins all the same when it is the first to come', async () => {
    pair.first.setFault({ type: 'slow-first-event', ms: 300 })
    pair.second.setFault({ type: 'slow-first-event', ms: 8_000 })
    expect(await wholeText(pair.client, 'hedged')).toBe(firstText)
    await pair.second.waitForClose(0)
  })

  test('closes both connections when the caller leaves', async () => {
    for (const simulator of [pair.first, pair.second]) simulator.setFault({ type: 'slow-first-event', ms: 8_000 })
    const leaving = new AbortController()
    const asked = seenStream(pair, { model: 'hedged' }, { signal: leaving.signal })
    await pair.second.waitForRequests(1, 5_000)
    leaving.abort()
    await asked
    await Promise.all([pair.first.waitForClose(0), pair.second.waitForClose(0)])
  })
})

test('the kind of work decides who is asked', async () => {
  const ask = (task: string) =>
    pair.client.chat.completions.create({ ...hello, model: 'drafts' }, { headers: { 'x-switchyard-task': task } })
  expect((await ask('draft')).model).toBe('first/model-a')
  expect((await ask('letter')).model).toBe('second/model-b')
})

test('so do what a request says of itself, how long it is and what it may cost', async () => {
  const ask = async (model: string, body: object) =>
    (await pair.client.chat.completions.create({ ...hello, model, max_tokens: 500, ...body })).model
  expect(await ask('web', { metadata: { team: 'web' } })).toBe('first/model-a')
  expect(await ask('web', { metadata: { team: 'shop' } })).toBe('second/model-b')
  expect(await ask('short', {})).toBe('first/model-a')
  expect(await ask('short', { messages: [{ role: 'user', content: 'word '.repeat(200) }] })).toBe('second/model-b')
})

test('requests with one cache key stay together', async () => {
  const asked = async (key: string) =>
    (await pair.client.chat.completions.create({ ...hello, model: 'together', prompt_cache_key: key })).model
  for (const key of ['one', 'two', 'three']) {
    const first = await asked(key)
    for (let at = 0; at < 5; at++) expect(await asked(key)).toBe(first)
  }
  expect(pair.first.requestCount).toBeGreaterThan(0)
  expect(pair.second.requestCount).toBeGreaterThan(0)
})

test('the cheapest is asked first, and by weight each has its exact share', async () => {
  expect((await pair.client.chat.completions.create({ ...hello, model: 'cheapest' })).model).toBe('first/cheap')
  pair.first.reset()
  for (let at = 0; at < 8; at++) await wholeText(pair.client, 'split')
  expect([pair.first.requestCount, pair.second.requestCount]).toEqual([6, 2])
})

test('where no more may run at once, the next target is asked, or a place waited for', async () => {
  pair.first.setFault({ type: 'slow', ms: 300 })
  const at = (model: string) => Promise.all(Array.from({ length: 3 }, () => wholeText(pair.client, model)))
  expect((await at('narrow')).sort()).toEqual([firstText, secondText, secondText].sort())
  expect(await at('queue')).toEqual([firstText, firstText, firstText])
})

test('what is too long for one is asked of those that are there for it', async () => {
  pair.first.setFault({ type: 'status', kind: 'context-length' })
  expect(await wholeText(pair.client, 'long')).toBe(secondText)
})
