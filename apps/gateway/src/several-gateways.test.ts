import { randomUUID } from 'node:crypto'
import { parseMoney } from '@switchyard/core'
import { createTestDatabase, findRedis } from '@switchyard/test-services'
import { expect, test } from 'vitest'
import { billOf, dollars, startPriced, usageOf } from './testing/priced-targets.ts'
import {
  firstText,
  hello,
  secondText,
  startTwoTargets,
  type TwoTargets,
  type TwoTargetsOptions,
  wholeText,
} from './testing/two-targets.ts'

const timeout = 60_000

async function stop(gateways: readonly TwoTargets[]): Promise<void> {
  for (const gateway of gateways) await gateway[Symbol.asyncDispose]()
}

test('on one PostgreSQL, two gateways spend one budget', { timeout }, async context => {
  const database = await createTestDatabase()
  if (database === undefined) return context.skip()
  const options: TwoTargetsOptions = {
    server: '{ port: 0, budget: all }',
    // each spends most of what it sets aside
    reply: { type: 'answer', text: 'word '.repeat(280) },
    more: `budgets: { all: { limit: 0.004 USD, window: total, maxWait: 2s } }\nledger: { url: "${database.url}" }`,
  }
  const gateways = [await startPriced(options), await startPriced(options)]
  try {
    const asked = gateways.flatMap(({ client }) =>
      Array.from({ length: 20 }, () =>
        client.chat.completions.create({ ...hello, model: 'first/model-a', max_tokens: 300 }).then(
          () => 200,
          error => (error as { status: number }).status,
        ),
      ),
    )
    const statuses = await Promise.all(asked)
    expect(new Set(statuses)).toEqual(new Set([200, 402]))
    const bill = billOf(...gateways.map(({ first }) => first))
    expect(bill).toBeGreaterThan(0n)
    expect(bill).toBeLessThanOrEqual(parseMoney('0.004 USD') as bigint)
    const [one, other] = await Promise.all(gateways.map(({ gateway }) => usageOf(gateway)))
    expect(one?.total_requests).toBe(40)
    expect(other?.total_cost_usd).toBe(one?.total_cost_usd)
    expect(one?.total_cost_usd).toBe(dollars(bill))
    expect(other?.budgets.all?.spent_usd).toBe(one?.budgets.all?.spent_usd)
  } finally {
    await stop(gateways)
    await database.drop()
  }
})

test('with Redis, two gateways count one limit', { timeout }, async context => {
  const redis = await findRedis()
  if (redis === undefined) return context.skip()
  const options = {
    server: '{ port: 0, limit: tier }',
    more: `limits: { tier: { requestsPerMinute: 6 } }\nredis: { url: "${redis}", prefix: "gateway-${randomUUID()}" }`,
  }
  const gateways = await Promise.all([startPriced(options), startPriced(options)])
  try {
    const asked = gateways.flatMap(({ client }) => Array.from({ length: 10 }, () => wholeText(client)))
    const answered = (await Promise.allSettled(asked)).filter(({ status }) => status === 'fulfilled')
    expect(answered).toHaveLength(6)
    expect(gateways.reduce((sum, { first, second }) => sum + first.requestCount + second.requestCount, 0)).toBe(6)
  } finally {
    await stop(gateways)
  }
})

test('with Redis, a target that one gateway isolates is asked by none, until one releases it', {
  timeout,
}, async context => {
  const redis = await findRedis()
  if (redis === undefined) return context.skip()
  const options = { more: `redis: { url: "${redis}", prefix: "gateway-${randomUUID()}" }` }
  const gateways = [await startTwoTargets(options), await startTwoTargets(options)]
  const [one, other] = gateways as [TwoTargets, TwoTargets]
  const change = ({ gateway }: TwoTargets, how: string) =>
    fetch(`${gateway.url}/admin/circuits/${how}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{ "target": "first/model-a" }',
    })
  const stateAt = ({ gateway }: TwoTargets) =>
    gateway.switchyard.breakers.states().find(({ circuit }) => circuit === 'first/model-a')?.state
  try {
    expect((await change(one, 'isolate')).status).toBe(200)
    await expect.poll(() => stateAt(other)).toBe('isolated')
    for (const { client } of gateways) expect(await wholeText(client)).toBe(secondText)
    expect(one.first.requestCount + other.first.requestCount).toBe(0)
    // one that comes later, too
    const late = await startTwoTargets(options)
    gateways.push(late)
    expect(stateAt(late)).toBe('isolated')
    expect((await change(late, 'release')).status).toBe(200)
    await expect.poll(() => [stateAt(one), stateAt(other)]).toEqual(['closed', 'closed'])
    expect(await wholeText(other.client)).toBe(firstText)
  } finally {
    await stop(gateways)
  }
})

test('a database that does not answer is told with its place, and without its password', { timeout }, async () => {
  const url = 'postgres://someone:very-secret-word@127.0.0.1:9/none'
  const error = await startPriced({ more: `ledger: { url: "${url}" }` }).catch((thrown: unknown) => thrown)
  expect((error as Error).message).toMatch(/ledger\.url: /)
  expect(`${(error as Error).message}${(error as Error).stack}`).not.toContain('very-secret-word')
})
