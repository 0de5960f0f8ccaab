import { describe, expect, it } from 'vitest'
import type { TimeoutPhase } from '../contract/error-table.ts'
import { VirtualClock } from '../testing/virtual-clock.ts'
import { Watchdog, type WatchdogLimits } from './watchdog.ts'

function watch(limits: Partial<WatchdogLimits> = {}) {
  const clock = new VirtualClock()
  const startedAt = clock.monotonic()
  const expired: { phase: TimeoutPhase; after: number }[] = []
  const watchdog = new Watchdog(
    clock,
    {
      startedAt,
      firstTokenMs: 1_000,
      idleMs: 500,
      consumerIdleMs: 2_000,
      ...limits,
      deadline: startedAt + (limits.deadline ?? 60_000),
    },
    phase => expired.push({ phase, after: clock.monotonic() - startedAt }),
  )
  return { clock, watchdog, expired }
}

describe('a watchdog', () => {
  it('lets the first token take its time, once', async () => {
    const { clock, expired } = watch()
    await clock.advance(10_000)
    expect(expired).toEqual([{ phase: 'first-token', after: 1_000 }])
  })

  it('sets a nearer timer when a read begins after a long pause was allowed', async () => {
    const { clock, watchdog, expired } = watch()
    watchdog.firstToken()
    watchdog.paused()
    await clock.advance(1_500)
    watchdog.reading()
    await clock.advance(10_000)
    expect(expired).toEqual([{ phase: 'idle', after: 2_000 }])
  })

  it('tells the total limit from silence', async () => {
    const { clock, expired } = watch({ deadline: 700 })
    await clock.advance(10_000)
    expect(expired).toEqual([{ phase: 'total', after: 700 }])
  })

  it('adds a pause to the total limit', async () => {
    const { clock, watchdog, expired } = watch({ deadline: 700, idleMs: 5_000 })
    watchdog.firstToken()
    watchdog.paused()
    await clock.advance(1_000)
    watchdog.reading()
    await clock.advance(10_000)
    expect(expired).toEqual([{ phase: 'total', after: 1_700 }])
  })

  it('spares a read that ends in the very turn of the limit, and watches on', async () => {
    const { clock, watchdog, expired } = watch()
    clock.timer(1_000, () => {
      watchdog.firstToken()
      watchdog.reading()
    })
    await clock.advance(1_400)
    expect(expired).toEqual([])
    await clock.advance(10_000)
    expect(expired).toEqual([{ phase: 'idle', after: 1_500 }])
  })

  it('says nothing once stopped, not even when its timer has fired already', async () => {
    const { clock, watchdog, expired } = watch()
    clock.timer(1_000, () => watchdog.stop())
    await clock.advance(10_000)
    expect(expired).toEqual([])
    expect(clock.pending).toBe(0)
  })

  it('sets no timer where nothing is limited', () => {
    const unlimited = Number.POSITIVE_INFINITY
    expect(watch({ firstTokenMs: unlimited, deadline: unlimited }).clock.pending).toBe(0)
  })

  it('sees a consumer who sleeps though its timer was set for something later', async () => {
    const { clock, watchdog, expired } = watch({ firstTokenMs: 60_000, deadline: 7_754_321, consumerIdleMs: 300 })
    watchdog.firstToken()
    watchdog.paused()
    await clock.advance(10_000)
    expect(expired).toEqual([{ phase: 'consumer-idle', after: 300 }])
  })
})
