import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { firstText, secondText, startTwoTargets, streamedText, wholeText } from './testing/two-targets.ts'

// a machine that is busy starts gateways slowly
vi.setConfig({ testTimeout: 90_000 })
const patient = '{ connect: 20s, firstToken: 20s, idle: 20s, total: 80s }'

test('through an outage of some seconds every request is served, and the first target comes back', async () => {
  const maxOpenForMs = 600
  await using pair = await startTwoTargets({
    retry: '{ attempts: 1 }',
    timeouts: patient,
    circuitBreaker: `{ window: 5s, minimumCalls: 5, openFor: 300ms, maxOpenFor: ${maxOpenForMs}ms }`,
  })
  const ask = async (at: number): Promise<string> => (at % 2 === 0 ? wholeText(pair.client) : streamedText(pair.client))
  for (let at = 0; at < 10; at++) expect(await ask(at)).toBe(firstText)

  pair.first.outage()
  const before = pair.first.requestCount
  const started = performance.now()
  let asked = 0
  for (; asked < 100 || performance.now() - started < 2_500; asked++) {
    expect([firstText, secondText]).toContain(await ask(asked))
  }
  // enough failures to open, then probes at growing distances, a fifth shorter by chance
  const probes = 2 + (performance.now() - started) / (0.8 * maxOpenForMs)
  expect(pair.first.requestCount - before).toBeLessThanOrEqual(10 + probes)

  pair.first.recover()
  const recovered = performance.now()
  const after = pair.first.requestCount
  let left = 0
  for (;;) {
    const begun = performance.now() - recovered
    if ((await ask(0)) === firstText) break
    left = begun
    await sleep(20)
  }
  // whoever comes once the longest open time is over is the probe that closes it
  expect(left).toBeLessThan(maxOpenForMs)
  expect(pair.first.requestCount).toBe(after + 1)
  for (let at = 0; at < 10; at++) expect(await ask(at)).toBe(firstText)
})

test('20 at once with a dead first target: 20 answers', async () => {
  await using pair = await startTwoTargets({ timeouts: patient })
  await pair.first.close()
  const asked = Array.from({ length: 20 }, (_, at) =>
    at % 2 === 0 ? wholeText(pair.client) : streamedText(pair.client),
  )
  expect(await Promise.all(asked)).toEqual(Array.from({ length: 20 }, () => secondText))
})

test('30 in a row: the dead target is asked until its circuit opens, and no more', async () => {
  await using pair = await startTwoTargets({ timeouts: patient, circuitBreaker: '{ minimumCalls: 5, openFor: 1m }' })
  pair.first.outage()
  for (let at = 0; at < 30; at++) expect(await wholeText(pair.client)).toBe(secondText)
  expect(pair.first.requestCount).toBe(5)
  expect(pair.second.requestCount).toBe(30)
})
