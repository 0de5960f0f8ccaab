import { describe, expect, it } from 'vitest'
import type { AdmissionPermit } from '../engine/admission.ts'
import { Asked, near, remote } from './asked.fixture.ts'
import { attempt, completed, type LimiterScene, limiterScene } from './limiter.fixture.ts'

describe.each(near)('waiting for a limit %s', (_, through) => {
  const scene = (limit: Parameters<typeof limiterScene>[0][number]): LimiterScene =>
    limiterScene([{ maxWaitMs: 120_000, ...limit }], through)

  it('goes on in the order of coming, as soon as there is room', async () => {
    const here = scene({ requestsPerMinute: 2 })
    const asked = [0, 1, 2, 3, 4].map(() => new Asked(here, attempt()))
    await here.clock.advance(60_999)
    expect(asked.map(({ state }) => state)).toEqual(['goes', 'goes', 'waits', 'waits', 'waits'])
    await here.clock.advance(1)
    expect(asked.map(({ state }) => state)).toEqual(['goes', 'goes', 'goes', 'goes', 'waits'])
    await here.clock.advance(61_000)
    expect(asked.map(({ waited }) => waited)).toEqual([0, 0, 61_000, 61_000, 120_000])
    expect(asked[4]?.state).toMatchObject({ code: 'limit' })
  })

  it('goes on at once where others give back', async () => {
    const here = scene({ tokensPerMinute: 100 })
    const first = new Asked(here, attempt(100))
    await here.clock.advance(0)
    const second = new Asked(here, attempt(60))
    await here.clock.advance(5_000)
    expect(second.state).toBe('waits')
    first.permit?.settle(completed(40), 0)
    await here.clock.advance(0)
    expect([second.state, second.waited]).toEqual(['goes', 5_000])
    expect(here.clock.pending).toBe(0)
  })

  it('ends after the longest wait, with the refusal', async () => {
    const here = scene({ requestsPerMinute: 1, maxWaitMs: 2_000 })
    new Asked(here, attempt())
    await here.clock.advance(0)
    const second = new Asked(here, attempt())
    await here.clock.advance(1_999)
    expect(second.state).toBe('waits')
    await here.clock.advance(1)
    expect(second.state).toMatchObject({ kind: 'rate-limit', code: 'limit', retryAfterMs: 59_000 })
    expect(here.clock.pending).toBe(0)
    expect(here.refused).toHaveLength(1)
  })

  it('ends at the deadline of the call', async () => {
    const here = scene({ requestsPerMinute: 1 })
    new Asked(here, attempt())
    await here.clock.advance(0)
    const second = new Asked(here, attempt(0, { context: { deadline: here.clock.monotonic() + 300 } }))
    await here.clock.advance(300)
    expect([second.state, second.waited]).toMatchObject([{ code: 'limit' }, 300])
  })

  it('is no use where nothing can be given back in time', async () => {
    const here = scene({ requestsPerMinute: 1, maxWaitMs: 2_000 })
    const first = new Asked(here, attempt())
    await here.clock.advance(0)
    first.permit?.settle(completed(0), 0)
    const second = new Asked(here, attempt())
    await here.clock.advance(0)
    expect([second.state, second.waited]).toMatchObject([{ code: 'limit' }, 0])
  })

  it('is for as many as may queue', async () => {
    const here = scene({ requestsPerMinute: 1, maxQueue: 2 })
    const asked = [0, 1, 2, 3].map(() => new Asked(here, attempt()))
    await here.clock.advance(0)
    expect(asked.map(({ state }) => state)).toMatchObject(['goes', 'waits', 'waits', { code: 'limit' }])
    await here.clock.advance(61_000)
    const later = new Asked(here, attempt())
    await here.clock.advance(0)
    expect([...asked, later].map(({ state }) => state)).toMatchObject(['goes', 'goes', 'waits', {}, 'waits'])
  })

  it('ends on abort at once, with nothing taken and nothing left behind', async () => {
    const here = scene({ tokensPerMinute: 100 })
    new Asked(here, attempt(100))
    await here.clock.advance(0)
    const controller = new AbortController()
    const second = new Asked(here, attempt(50, { context: { signal: controller.signal } }))
    const third = new Asked(here, attempt(60))
    await here.clock.advance(10_000)
    controller.abort()
    await here.clock.advance(0)
    expect([second.state, second.waited]).toMatchObject([{ kind: 'aborted' }, 10_000])
    await here.clock.advance(51_000)
    expect(third.state).toBe('goes')
    expect(await here.limiter.standings()).toMatchObject([{ left: 40 }])
    expect(here.clock.pending).toBe(0)
  })

  it('does not begin for a caller who has left', async () => {
    const here = scene({ requestsPerMinute: 1 })
    new Asked(here, attempt())
    await here.clock.advance(0)
    const waiting = new Asked(here, attempt())
    const left = new Asked(here, attempt(0, { context: { signal: AbortSignal.abort() } }))
    await here.clock.advance(0)
    expect([waiting.state, left.state]).toMatchObject(['waits', { kind: 'aborted' }])
  })

  it('ends for all when the limiter is disposed of, and does not begin again', async () => {
    const here = scene({ requestsPerMinute: 1 })
    const asked = [0, 1, 2].map(() => new Asked(here, attempt()))
    await here.clock.advance(0)
    here.limiter.dispose()
    asked.push(new Asked(here, attempt()))
    await here.clock.advance(0)
    const limit = { code: 'limit' }
    expect(asked.map(({ state }) => state)).toMatchObject(['goes', limit, limit, limit])
    expect(here.clock.pending).toBe(0)
  })

  it('refuses at once those who may not wait for what is in their way', async () => {
    const here = limiterScene([{ requestsPerMinute: 5, maxWaitMs: 90_000 }, { tokensPerMinute: 10 }], through)
    new Asked(here, attempt(10))
    await here.clock.advance(0)
    const tokens = new Asked(here, attempt(1))
    for (let count = 0; count < 4; count++) new Asked(here, attempt())
    await here.clock.advance(0)
    const requests = new Asked(here, attempt())
    const both = new Asked(here, attempt(1))
    await here.clock.advance(61_000)
    expect(tokens).toMatchObject({ state: { code: 'limit' }, waited: 0 })
    expect([requests.state, both.state]).toEqual(['goes', 'goes'])
  })

  it('does not hold up those who need other limits', async () => {
    const here = limiterScene(
      [
        { name: 'a', requestsPerMinute: 1, maxWaitMs: 90_000 },
        { name: 'b', requestsPerMinute: 100 },
      ],
      {
        ...through,
        holdings: [
          { scope: { type: 'key', name: 'a' }, name: 'a' },
          { scope: { type: 'all' }, name: 'b' },
        ],
      },
    )
    const slow = [0, 1, 2].map(() => new Asked(here, attempt(0, { context: { principal: 'a' } })))
    await here.clock.advance(0)
    const others = Array.from({ length: 60 }, () => new Asked(here, attempt()))
    await here.clock.advance(0)
    expect(slow.map(({ state }) => state)).toEqual(['goes', 'waits', 'waits'])
    expect(others.every(({ state }) => state === 'goes')).toBe(true)
  })
})

/** All that waited for an answer of the store has it. */
async function answered({ clock }: LimiterScene, turns = 40): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await clock.advance(0)
}

describe.each(near)('a large attempt that waits for a limit %s', (_, through) => {
  const scene = (): LimiterScene =>
    limiterScene([{ tokensPerMinute: 1_000, maxWaitMs: 600_000, maxQueue: 1_000 }], through)

  it('lets sixteen smaller ones go before it, then none until it has gone, and they go on after it', async () => {
    const here = scene()
    new Asked(here, attempt(300))
    await here.clock.advance(0)
    const large = new Asked(here, attempt(800))
    await here.clock.advance(0)
    const small = Array.from({ length: 30 }, () => new Asked(here, attempt(5)))
    await answered(here)
    expect(small.filter(({ state }) => state === 'goes')).toHaveLength(16)
    expect(small.slice(0, 16).every(({ state }) => state === 'goes')).toBe(true)
    await here.clock.advance(61_000)
    await answered(here)
    expect(large.state).toBe('goes')
    expect(small.every(({ state }) => state === 'goes')).toBe(true)
  })

  it('is not starved by small ones that never stop, and does not starve them', async () => {
    const here = scene()
    const small: Asked[] = []
    const large: Asked[] = []
    // small ones alone would use up all of the limit
    for (let second = 0; second < 1_000; second++) {
      if (second % 250 === 100) large.push(new Asked(here, attempt(900)))
      for (let count = 0; count < 2; count++) small.push(new Asked(here, attempt(6)))
      await here.clock.advance(1_000)
      await answered(here, 8)
    }
    expect(large.map(({ state }) => state)).toEqual(Array(4).fill('goes'))
    // what had gone before it, and the sixteen, have left
    for (const { waited } of large) expect(waited).toBeLessThanOrEqual(61_000 + 16_000)
    for (let minute = 0; minute < 3; minute++) {
      await here.clock.advance(30_000)
      await answered(here, 100)
    }
    expect(small.map(({ state }) => state).filter(state => state !== 'goes')).toEqual([])
    expect(Math.max(...small.map(({ waited }) => waited as number))).toBeLessThanOrEqual(2 * 61_000)
  })

  it('opens the way again when it gives up', async () => {
    const here = scene()
    new Asked(here, attempt(300))
    await here.clock.advance(0)
    const controller = new AbortController()
    new Asked(here, attempt(800, { context: { signal: controller.signal } }))
    await here.clock.advance(0)
    const small = Array.from({ length: 30 }, () => new Asked(here, attempt(5)))
    await here.clock.advance(1_000)
    expect(small.some(({ state }) => state === 'waits')).toBe(true)
    controller.abort()
    await answered(here)
    expect(small.every(({ state }) => state === 'goes')).toBe(true)
  })

  it('shuts all that was in its way, so that two limits cannot hold it off in turns', async () => {
    const waiting = { tokensPerMinute: 1_000, maxWaitMs: 600_000, maxQueue: 1_000 }
    const here = limiterScene([waiting, waiting], {
      ...through,
      holdings: [
        { scope: { type: 'chain', name: 'one' }, name: 'limit0' },
        { scope: { type: 'chain', name: 'two' }, name: 'limit1' },
      ],
    })
    const of = (tokens: number, ...chains: readonly string[]): Asked => new Asked(here, attempt(tokens, { chains }))
    of(500, 'one')
    await here.clock.advance(30_000)
    of(500, 'two')
    await here.clock.advance(0)
    const large = of(900, 'one', 'two')
    for (let second = 0; second < 400 && large.state === 'waits'; second++) {
      for (const chain of ['one', 'two']) for (let count = 0; count < 2; count++) of(20, chain)
      await here.clock.advance(1_000)
    }
    expect(large.state).toBe('goes')
    expect(large.waited).toBeLessThanOrEqual(3 * 61_000)
  })
})

it('is told of its own limit where another who waits has shut it', async () => {
  const waiting = { tokensPerMinute: 1_000, maxWaitMs: 600_000, maxQueue: 1_000 }
  const here = limiterScene([waiting, waiting], {
    holdings: [
      { scope: { type: 'chain', name: 'one' }, name: 'limit0' },
      { scope: { type: 'chain', name: 'two' }, name: 'limit1' },
    ],
  })
  const of = (tokens: number, ...chains: readonly string[]): Asked => new Asked(here, attempt(tokens, { chains }))
  of(500, 'one')
  const large = of(900, 'one', 'two')
  await here.clock.advance(30_000)
  of(500, 'two')
  await here.clock.advance(31_000)
  const context = { deadline: here.clock.monotonic() + 500 }
  const small = Array.from({ length: 17 }, () => new Asked(here, attempt(1, { chains: ['one'], context })))
  await here.clock.advance(0)
  expect([large, ...small].filter(({ state }) => state === 'waits')).toHaveLength(2)
  await here.clock.advance(500)
  expect(small.at(-1)?.state).toMatchObject({ message: expect.stringContaining('"limit0" has no room for 1 tokens') })
})

describe('a store that fails', () => {
  it('fails those who ask it, and nobody waits for ever', async () => {
    const broken = new Error('a bug')
    let works = true
    const here = limiterScene([{ requestsPerMinute: 1, maxWaitMs: 300_000 }], {
      through: store => ({
        ...remote(store),
        take: async asks => {
          if (works) return store.take(asks)
          throw broken
        },
      }),
    })
    new Asked(here, attempt())
    await here.clock.advance(0)
    const waiting = here.limiter.admit(attempt(), 0) as Promise<AdmissionPermit>
    const failing = expect(waiting).rejects.toBe(broken)
    works = false
    await here.clock.advance(61_000)
    await failing
    await expect(here.limiter.admit(attempt(), 0)).rejects.toBe(broken)
  })

  it('fails those who wait for it at once, too', async () => {
    const broken = new Error('a bug')
    let works = true
    const here = limiterScene([{ requestsPerMinute: 1, maxWaitMs: 300_000 }], {
      through: store => ({
        ...store,
        correct: () => undefined,
        left: () => 0,
        take: asks => {
          if (works) return store.take(asks)
          throw broken
        },
      }),
    })
    here.limiter.admit(attempt(), 0)
    const waiting = here.limiter.admit(attempt(), 0) as Promise<AdmissionPermit>
    const failing = expect(waiting).rejects.toBe(broken)
    works = false
    await here.clock.advance(61_000)
    await failing
    expect(() => here.limiter.admit(attempt(), 0)).toThrow(broken)
  })

  it('does not fail an answer', async () => {
    const here = limiterScene([{ tokensPerMinute: 10 }], {
      through: store => ({ ...remote(store), correct: () => Promise.reject(new Error('a bug')) }),
    })
    const permit = await here.limiter.admit(attempt(5), 0)
    expect(permit.settle(completed(1), 0)).toBeUndefined()
    await here.clock.advance(0)
  })

  it('that answers after the caller has left is given it back', async () => {
    let answer = (): void => undefined
    const here = limiterScene([{ requestsPerMinute: 1, maxWaitMs: 300_000 }], {
      through: store => ({
        take: asks => new Promise(resolve => (answer = () => resolve(store.take(asks)))),
        correct: corrections => store.correct(corrections),
        left: limit => store.left(limit),
      }),
    })
    const first = new Asked(here, attempt())
    answer()
    await here.clock.advance(0)
    const controller = new AbortController()
    const second = new Asked(here, attempt(0, { context: { signal: controller.signal } }))
    answer()
    await here.clock.advance(61_000)
    expect([first.state, second.state]).toEqual(['goes', 'waits'])
    controller.abort()
    await here.clock.advance(0)
    expect(second.state).toMatchObject({ kind: 'aborted' })
    answer()
    await here.clock.advance(0)
    expect(await here.limiter.standings()).toMatchObject([{ left: 1 }])
  })
})
