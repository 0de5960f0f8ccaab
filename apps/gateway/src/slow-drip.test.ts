import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { longAnswer, longText, seenStream } from './testing/long-answer.ts'
import { startTwoTargets, type TwoTargets, wholeText } from './testing/two-targets.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let pair: TwoTargets
beforeAll(async () => {
  pair = await startTwoTargets({
    reply: longAnswer,
    secondReply: longAnswer,
    retry: '{ attempts: 1 }',
    // a piece of some five characters every 60 ms is no silence, and far too slow
    timeouts: '{ connect: 5s, firstToken: 5s, idle: 400ms, total: 30s, minThroughput: 400 }',
    circuitBreaker: '{ minimumCalls: 1000 }',
    chains: '  held: { holdBack: { text: 20s }, targets: [first/model-a, second/model-b] }',
  })
})
afterAll(async () => {
  await pair[Symbol.asyncDispose]()
})
beforeEach(() => {
  pair.first.reset()
  pair.second.reset()
  pair.first.setFault({ type: 'drip', ms: 60 })
})

describe('an answer that only drips', () => {
  test('is made by the next target for who wants it in one piece', async () => {
    expect(await wholeText(pair.client)).toBe(longText)
    expect(pair.second.requestCount).toBe(1)
  })

  test('is made by the next target while it is held back', async () => {
    const seen = await seenStream(pair, { model: 'held' })
    expect(seen).toMatchObject({ text: longText, finishReason: 'stop', models: ['second/model-b'] })
  })

  test('comes to its end where its caller sees it come', async () => {
    const seen = await seenStream(pair, { model: 'pair' })
    expect(seen).toMatchObject({ text: longText, finishReason: 'stop', models: ['first/model-a'] })
    expect(pair.second.requestCount).toBe(0)
  })
})
