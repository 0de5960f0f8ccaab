import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LearnedWait, type WaitBounds } from './learned-wait.ts'

const bounds: WaitBounds = { usual: 15_000, least: 5_000, most: 60_000 }

/** A target that takes so long for a first token, asked once a second with the limit that was learned of it. */
function asked(wait: LearnedWait, times: number, from: number, takes: () => number): { now: number; answered: number } {
  let now = from
  let answered = 0
  for (let time = 0; time < times; time++) {
    now += 1_000
    const limit = wait.limit(now, bounds) ?? bounds.usual
    const ms = takes()
    now += Math.min(ms, limit)
    if (ms <= limit) {
      answered++
      wait.ended(ms, now)
    } else wait.left(limit, now, true)
  }
  return { now, answered }
}

describe('a limit that is learned', () => {
  it('is the usual one until enough was seen', () => {
    const wait = new LearnedWait()
    const { now } = asked(wait, 45, 0, () => 800)
    expect(wait.limit(now, bounds)).toBeUndefined()
    expect(wait.limit(asked(wait, 15, now, () => 800).now, bounds)).toBe(bounds.least)
  })

  it('is three times what one in a hundred takes longer than', () => {
    const wait = new LearnedWait()
    const { now } = asked(wait, 200, 0, () => 3_000)
    expect(wait.limit(now, bounds)).toBeGreaterThan(8_500)
    expect(wait.limit(now, bounds)).toBeLessThan(9_500)
  })

  it('is never longer than its upper bound', () => {
    const wait = new LearnedWait()
    for (let at = 0; at < 100; at++) wait.ended(25_000, at)
    expect(wait.limit(100, bounds)).toBe(bounds.most)
  })

  it('never leaves its bounds', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 200_000 }), fc.boolean(), fc.boolean()), {
          minLength: 40,
          maxLength: 200,
        }),
        fc.integer({ min: 0, max: 200_000 }),
        (waits, laterMs) => {
          const wait = new LearnedWait()
          let now = 0
          for (const [ms, ended, expired] of waits) {
            now += ms / 100
            if (ended) wait.ended(ms, now)
            else wait.left(ms, now, expired)
          }
          const limit = wait.limit(now + laterMs, bounds) ?? bounds.usual
          expect(limit).toBeGreaterThanOrEqual(bounds.least)
          expect(limit).toBeLessThanOrEqual(bounds.most)
        },
      ),
    )
  })

  it('grows with a target that becomes slower than it, on its own', () => {
    const wait = new LearnedWait()
    const fast = asked(wait, 2_000, 0, () => 800)
    expect(wait.limit(fast.now, bounds)).toBe(bounds.least)
    const slow = asked(wait, 30, fast.now, () => 9_000)
    // a few are lost until it is seen
    expect(slow.answered).toBeGreaterThanOrEqual(26)
    expect(asked(wait, 100, slow.now, () => 9_000).answered).toBe(100)
  })

  it('grows beyond the usual one, too', () => {
    const wait = new LearnedWait()
    const fast = asked(wait, 2_000, 0, () => 800)
    const slow = asked(wait, 60, fast.now, () => 25_000)
    expect(slow.answered).toBeGreaterThanOrEqual(40)
    expect(asked(wait, 100, slow.now, () => 25_000).answered).toBe(100)
  })

  it('shrinks again when the target has recovered', () => {
    const wait = new LearnedWait()
    const slow = asked(wait, 200, 0, () => 12_000)
    expect(wait.limit(slow.now, bounds)).toBeGreaterThan(30_000)
    expect(wait.limit(asked(wait, 2_500, slow.now, () => 800).now, bounds)).toBe(bounds.least)
  })

  it('is not lengthened by answers that never come, however long they are waited for', () => {
    const wait = new LearnedWait()
    let call = 0
    const stalls = (): number => (call++ % 20 === 7 ? Number.POSITIVE_INFINITY : 800)
    const { now } = asked(wait, 1_000, 0, stalls)
    // one in eight of them is waited for longer, to see
    const limits = [now, asked(wait, 500, now, stalls).now].map(at => wait.limit(at, bounds))
    expect(Math.min(...limits.map(Number))).toBe(bounds.least)
    const before = asked(wait, 0, now, stalls).now
    const lost = asked(wait, 2_000, before, stalls)
    expect(lost.answered).toBe(1_900)
    expect((lost.now - before - 2_000 * 1_000 - 1_900 * 800) / 100).toBeLessThan(bounds.least + (30_000 - 5_000) / 7)
  })

  it('does not wait ever longer for a target that never answers', () => {
    const wait = new LearnedWait()
    const { now: alive } = asked(wait, 200, 0, () => 10_000)
    expect(wait.limit(alive, bounds)).toBeGreaterThan(25_000)
    const { now: before } = asked(wait, 3, alive, () => Number.POSITIVE_INFINITY)
    const { now } = asked(wait, 80, before, () => Number.POSITIVE_INFINITY)
    expect((now - before) / 80).toBeLessThan(15_000 + 1_000 + (30_000 - 15_000) / 7)
  })

  it('is the usual one, not the learned, once three waits in a row were given up', () => {
    const wait = new LearnedWait()
    const { now } = asked(wait, 500, 0, () => 800)
    wait.left(5_000, now, true)
    wait.left(5_000, now, true)
    // nobody's patience but its own counts
    wait.left(100, now, false)
    expect(wait.limit(now, bounds)).toBe(bounds.least)
    wait.left(5_000, now, true)
    expect(wait.limit(now, bounds)).toBe(bounds.usual)
    wait.ended(800, now)
    expect(wait.limit(now, bounds)).toBe(bounds.least)
  })

  it('is not shorter than the usual one for a target that has long been idle', () => {
    const wait = new LearnedWait()
    const { now } = asked(wait, 200, 0, () => 300)
    expect(wait.limit(now + 60_000, bounds)).toBe(bounds.least)
    expect(wait.limit(now + 60_001, bounds)).toBe(bounds.usual)
    wait.ended(300, now + 80_000)
    expect(wait.limit(now + 80_000, bounds)).toBe(bounds.least)
  })

  it('learns nothing wrong from callers who have no patience, nor from attempts that were overtaken', () => {
    const wait = new LearnedWait()
    let now = 0
    for (let time = 0; time < 200; time++) {
      now += 1_000
      if (time % 2 === 0) wait.left(300, now, false)
      else wait.ended(4_000, now)
    }
    expect(wait.limit(now, bounds)).toBeGreaterThan(11_000)
  })

  it('forgets what was hours ago', () => {
    const wait = new LearnedWait()
    const { now } = asked(wait, 200, 0, () => 12_000)
    expect(wait.limit(now, bounds)).toBeGreaterThan(30_000)
    expect(wait.limit(now + 6 * 3_600_000, bounds)).toBeUndefined()
  })

  it('is known after a restart, and no shorter than the usual one until the target has answered', () => {
    const wait = new LearnedWait()
    const { now } = asked(wait, 200, 0, () => 300)
    const restored = new LearnedWait()
    restored.restore(JSON.parse(JSON.stringify(wait.snapshot(now))), 5_000, 777)
    expect(restored.limit(777, bounds)).toBe(bounds.usual)
    restored.ended(300, 1_000)
    expect(restored.limit(1_000, bounds)).toBe(bounds.least)
  })
})
