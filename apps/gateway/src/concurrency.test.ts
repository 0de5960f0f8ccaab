import OpenAI from 'openai'
import { expect, test, vi } from 'vitest'
import {
  firstText,
  secondText,
  startTwoTargets,
  streamedText,
  type TwoTargets,
  wholeText,
} from './testing/two-targets.ts'

vi.setConfig({ testTimeout: 60_000 })

const patient = '{ firstToken: 20s, idle: 20s, total: 30s }'

/** The most requests that waited for the first target at once, as it saw it. */
function mostAtOnce({ first }: TwoTargets): number {
  const most = first.requests.map(
    ({ receivedAt }) =>
      first.requests.filter(
        one => one.receivedAt <= receivedAt && (one.headersSentAt ?? Number.POSITIVE_INFINITY) > receivedAt,
      ).length,
  )
  return Math.max(...most)
}

test('a target is asked only so much at once, and those who wait are all answered', async () => {
  await using pair = await startTwoTargets({
    timeouts: patient,
    models: '{ first/model-a: { concurrency: { limit: 2, maxWait: 20s } } }',
  })
  pair.first.setFault({ type: 'slow', ms: 30 })
  const asked = Array.from({ length: 10 }, (_, at) =>
    at % 2 === 0 ? wholeText(pair.client) : streamedText(pair.client),
  )
  expect(await Promise.all(asked)).toEqual(asked.map(() => firstText))
  expect(mostAtOnce(pair)).toBe(2)
  expect(pair.second.requestCount).toBe(0)
})

test('where none may wait the next target answers; with none left it is a 429 with Retry-After', async () => {
  await using pair = await startTwoTargets({
    timeouts: patient,
    models: '{ first/model-a: { concurrency: { limit: 1 } } }',
  })
  pair.first.setFault({ type: 'silence' })
  const leaves = new AbortController()
  const waiting = pair.client.chat.completions
    .create({ model: 'first/model-a', messages: [{ role: 'user', content: 'Hello?' }] }, { signal: leaves.signal })
    .catch((error: unknown) => error)
  await expect.poll(() => pair.first.requestCount).toBe(1)
  expect(await wholeText(pair.client)).toBe(secondText)
  const refused = await wholeText(pair.client, 'first/model-a').catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(OpenAI.RateLimitError)
  expect(Number((refused as { headers: Headers }).headers.get('retry-after'))).toBeGreaterThan(0)
  expect((refused as Error).message).toContain('has no place: it allows 1 at once, and nobody may wait.')
  expect(pair.first.requestCount).toBe(1)
  // whoever leaves gives the place back
  leaves.abort()
  expect(await waiting).toBeInstanceOf(OpenAI.APIUserAbortError)
  pair.first.setFault()
  await expect.poll(() => wholeText(pair.client, 'first/model-a').catch(() => undefined)).toBe(firstText)
})
