import { describe, expect, it } from 'vitest'
import { limitStoreChecks } from '../testing/limit-store-suite.ts'
import { VirtualClock } from '../testing/virtual-clock.ts'
import { createMemoryLimits } from './memory-limits.ts'

describe('limits in memory', () => {
  it.each(limitStoreChecks)('$name', async ({ run }) => {
    for (const monotonic of [0, 7_654_321, 12_345.678]) {
      const clock = new VirtualClock({ monotonic })
      const store = createMemoryLimits({ clock })
      await run({ store, now: () => clock.monotonic(), advance: ms => clock.advance(ms) })
    }
  })

  it('answer at once, without a promise', () => {
    const store = createMemoryLimits({ clock: new VirtualClock() })
    expect(store.take([{ key: 'a', limit: 1, windowMs: 60_000, amount: 1 }]).taken).toBe(true)
    expect(store.left({ key: 'a', limit: 1, windowMs: 60_000 })).toBe(0)
  })

  it('forget counters that hold nothing, and keep those that hold something', async () => {
    const clock = new VirtualClock()
    const store = createMemoryLimits({ clock })
    const limit = { limit: 10, windowMs: 60_000, amount: 1 }
    let most = 0
    for (let caller = 0; caller < 5_000; caller++) {
      if (caller % 100 === 0) await clock.advance(61_000)
      store.take([
        { ...limit, key: 'busy', windowMs: 86_400_000, limit: 5_000 },
        { ...limit, key: `caller ${caller}` },
      ])
      most = Math.max(most, store.size)
    }
    expect(most).toBeLessThan(500)
    expect(store.left({ ...limit, key: 'busy', windowMs: 86_400_000, limit: 5_000 })).toBeLessThan(4_000)
  })

  it('count what is moved to now, though the counter was forgotten meanwhile', async () => {
    const clock = new VirtualClock()
    const store = createMemoryLimits({ clock })
    const limit = { key: 'a', limit: 10, windowMs: 60_000 }
    const at = clock.monotonic()
    store.take([{ ...limit, amount: 4 }])
    await clock.advance(70_000)
    for (let other = 0; other < 200; other++) store.take([{ ...limit, key: `other ${other}`, amount: 1 }])
    store.correct([
      { ...limit, at, by: -4 },
      { ...limit, at: at + 70_000, by: 4 },
    ])
    expect(store.left(limit)).toBe(6)
  })

  it('lose no counter in the middle of a take', () => {
    const store = createMemoryLimits({ clock: new VirtualClock() })
    const empty = (key: string) => ({ key, limit: 10, windowMs: 60_000, amount: 0 })
    for (let round = 0; round < 200; round++) {
      expect(store.take([empty(`a${round}`), empty(`b${round}`), empty(`c${round}`)]).taken).toBe(true)
    }
  })
})
