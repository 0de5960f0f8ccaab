import type { LimitStore } from '@switchyard/core'
import { limitStoreChecks } from '@switchyard/core/testing'
import { findRedis } from '@switchyard/test-services'
import { createClient } from 'redis'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { joinFleet, type RedisSharing } from './connect-redis.ts'
import { ownRedis } from './own-redis.fixture.ts'
import { SimulatedTime } from './simulated-time.fixture.ts'
import { until } from './test-fleet.fixture.ts'

// servers that start and connections that end take a while on a busy machine
vi.setConfig({ testTimeout: 30_000 })

const redis = await findRedis()
const fleets: RedisSharing[] = []

afterEach(async () => {
  await Promise.all(fleets.splice(0).map(fleet => fleet.dispose()))
})

async function member(
  prefix: string,
  time: SimulatedTime,
  url = redis as string,
  heartbeatMs = 20,
): Promise<RedisSharing> {
  const sharing = await joinFleet(
    { url, prefix, clock: time, timeoutMs: 2_000 },
    { settleMs: 0, heartbeatMs, now: () => time.monotonic() },
  )
  fleets.push(sharing)
  return sharing
}

const minute = { key: 'tier:requests', limit: 100, windowMs: 60_000 }

describe.skipIf(redis === undefined)('limits in Redis', () => {
  it.each(limitStoreChecks)(
    '$name',
    async ({ run }) => {
      const time = new SimulatedTime()
      const { limits } = await member(`test-${crypto.randomUUID()}`, time)
      await run({ store: limits, now: () => time.monotonic(), advance: ms => time.advance(Math.ceil(ms)) })
    },
    30_000,
  )

  it.each(limitStoreChecks.slice(0, -1))(
    'of two processes that take turns: $name',
    async ({ run }) => {
      const time = new SimulatedTime()
      const prefix = `test-${crypto.randomUUID()}`
      const stores = [(await member(prefix, time)).limits, (await member(prefix, time)).limits]
      let turn = 0
      const next = (): LimitStore => stores[turn++ % 2] as LimitStore
      const store: LimitStore = {
        take: asks => next().take(asks),
        correct: corrections => next().correct(corrections),
        left: limit => next().left(limit),
      }
      const observer = createClient({ url: redis as string })
      await observer.connect()
      const advance = async (ms: number): Promise<void> => {
        time.advance(Math.ceil(ms))
        const now = `${time.monotonic()} `
        // both have said at this time that they live, and what was told then has been heard
        await until(async () => {
          const fields = Object.entries(await observer.hGetAll(`{${prefix}}:fleet`))
          return fields.filter(([name, seen]) => name.startsWith('m:') && seen.startsWith(now)).length === 2
        })
      }
      await run({ store, now: () => time.monotonic(), advance })
      observer.destroy()
    },
    30_000,
  )

  it('let several processes together take the limit, and not one more', async () => {
    const time = new SimulatedTime()
    const prefix = `test-${crypto.randomUUID()}`
    const members = await Promise.all([1, 2, 3, 4].map(() => member(prefix, time)))
    const takes = Array.from({ length: 200 }, (_, at) =>
      (members[at % 4] as RedisSharing).limits.take([{ ...minute, amount: 1 }]),
    )
    const answers = await Promise.all(takes)
    expect(answers.filter(({ taken }) => taken)).toHaveLength(100)
  })

  it('need one round trip a take, of several limits too', async context => {
    await using server = await ownRedis(context)
    const time = new SimulatedTime()
    const { limits } = await member('trips', time, server.url, 1_000)
    const observer = createClient({ url: server.url })
    await observer.connect()
    const calls = async (): Promise<number> => {
      const info = await observer.info('commandstats')
      const counts = [...info.matchAll(/cmdstat_(?:evalsha|eval|fcall)[^:]*:calls=(\d+)/g)]
      return counts.reduce((sum, [, count]) => sum + Number(count), 0)
    }
    const before = await calls()
    const started = performance.now()
    for (let take = 0; take < 200; take++) {
      await limits.take([
        { ...minute, limit: 1_000, amount: 1 },
        { ...minute, key: 'tier:tokens', limit: 1e9, amount: 1_000 },
      ])
    }
    const beats = Math.ceil((performance.now() - started) / 1_000) + 1
    const made = (await calls()) - before
    observer.destroy()
    expect(made).toBeGreaterThanOrEqual(200)
    expect(made).toBeLessThanOrEqual(200 + 2 * beats)
  })

  it('count to 2^53 without losing one', async () => {
    const time = new SimulatedTime()
    const { limits } = await member(`test-${crypto.randomUUID()}`, time)
    const huge = { key: 'huge', limit: Number.MAX_SAFE_INTEGER, windowMs: 60_000 }
    expect(await limits.take([{ ...huge, amount: Number.MAX_SAFE_INTEGER - 1 }])).toMatchObject({ taken: true })
    expect(await limits.left(huge)).toBe(1)
    expect(await limits.take([{ ...huge, amount: 2 }])).toMatchObject({ taken: false })
    expect(await limits.take([{ ...huge, amount: 1 }])).toMatchObject({ taken: true })
    expect(await limits.left(huge)).toBe(0)
  })

  it('keep all keys of a fleet in one slot, and let them expire', async () => {
    const time = new SimulatedTime()
    const prefix = `test-${crypto.randomUUID()}`
    const { limits } = await member(prefix, time)
    await limits.take([{ ...minute, amount: 1 }])
    const client = createClient({ url: redis as string })
    await client.connect()
    const keys = await client.keys(`*${prefix}*`)
    expect(keys.length).toBeGreaterThan(1)
    for (const key of keys) {
      expect(key.startsWith(`{${prefix}}:`)).toBe(true)
      expect(await client.pTTL(key)).toBeGreaterThan(0)
    }
    client.destroy()
  })
})
