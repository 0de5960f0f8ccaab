import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { firstText, secondText, startTwoTargets, streamedText, wholeText } from './testing/two-targets.ts'

// a machine that is busy starts gateways slowly
vi.setConfig({ testTimeout: 30_000 })

test('through an outage of some seconds every request is served, and the first target comes back', async () => {
  await using pair = await startTwoTargets({
    retry: '{ attempts: 1 }',
    circuitBreaker: '{ window: 5s, minimumCalls: 5, openFor: 300ms, maxOpenFor: 600ms }',
  })
  const ask = async (at: number): Promise<string> => (at % 2 === 0 ? wholeText(pair.client) : streamedText(pair.client))
  for (let at = 0; at < 10; at++) expect(await ask(at)).toBe(firstText)

  pair.first.outage()
  const before = pair.first.requestCount
  const started = performance.now()
  let asked = 0
  for (; performance.now() - started < 2_500; asked++) expect([firstText, secondText]).toContain(await ask(asked))
  const attempts = pair.first.requestCount - before
  expect(asked).toBeGreaterThan(100)
  // enough failures to open, then probes at growing distances
  expect(attempts).toBeLessThanOrEqual(10 + 1 + 8)

  pair.first.recover()
  const recovered = performance.now()
  while ((await ask(0)) !== firstText) await sleep(20)
  expect(performance.now() - recovered).toBeLessThan(1_500)
  for (let at = 0; at < 10; at++) expect(await ask(at)).toBe(firstText)
})

test('20 at once with a dead first target: 20 answers', async () => {
  await using pair = await startTwoTargets()
  await pair.first.close()
  const asked = Array.from({ length: 20 }, (_, at) =>
    at % 2 === 0 ? wholeText(pair.client) : streamedText(pair.client),
  )
  expect(await Promise.all(asked)).toEqual(Array.from({ length: 20 }, () => secondText))
})

test('30 in a row: the dead target is asked until its circuit opens, and no more', async () => {
  await using pair = await startTwoTargets({ circuitBreaker: '{ minimumCalls: 5, openFor: 1m }' })
  pair.first.outage()
  for (let at = 0; at < 30; at++) expect(await wholeText(pair.client)).toBe(secondText)
  expect(pair.first.requestCount).toBe(5)
  expect(pair.second.requestCount).toBe(30)
})
