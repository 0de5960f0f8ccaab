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
      minThroughput: 0,
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
    watchdog.firstToken(clock.monotonic())
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
    watchdog.firstToken(clock.monotonic())
    watchdog.paused()
    await clock.advance(1_000)
    watchdog.reading()
    await clock.advance(10_000)
    expect(expired).toEqual([{ phase: 'total', after: 1_700 }])
  })

  it('spares a read that ends in the very turn of the limit, and watches on', async () => {
    const { clock, watchdog, expired } = watch()
    clock.timer(1_000, () => {
      watchdog.firstToken(clock.monotonic())
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
    watchdog.firstToken(clock.monotonic())
    watchdog.paused()
    await clock.advance(10_000)
    expect(expired).toEqual([{ phase: 'consumer-idle', after: 300 }])
  })

  it('tells how an answer came: its longest silence, the last one included, and the pauses of its consumer', async () => {
    const { clock, watchdog } = watch({ firstTokenMs: 10_000, idleMs: 10_000, consumerIdleMs: 10_000 })
    expect(watchdog.pace).toBeUndefined()
    await clock.advance(900)
    watchdog.firstToken(clock.monotonic())
    watchdog.reading()
    await clock.advance(200)
    watchdog.paused()
    await clock.advance(3_000)
    watchdog.reading()
    await clock.advance(300)
    watchdog.reading()
    await clock.advance(100)
    expect(watchdog.pace).toEqual({ longestSilenceMs: 300, pausedMs: 3_000 })
    await clock.advance(400)
    watchdog.stop()
    expect(watchdog.pace).toEqual({ longestSilenceMs: 500, pausedMs: 3_000 })
  })
})

describe('a watchdog over an answer that nobody sees yet', () => {
  /** Ten milliseconds a character is plenty here; a window lasts a second. */
  async function drips(characters: number, everyMs: number, forMs: number, limits: Partial<WatchdogLimits> = {}) {
    const here = watch({ minThroughput: 100, ...limits })
    here.watchdog.firstToken(here.clock.monotonic())
    here.watchdog.reading()
    for (let ms = 0; ms < forMs && here.expired.length === 0; ms += everyMs) {
      await here.clock.advance(everyMs)
      if (here.expired.length > 0) break
      here.watchdog.arrived(characters)
      here.watchdog.reading()
    }
    return here
  }

  it('ends a drip after twice the silence that is allowed', async () => {
    const { expired } = await drips(9, 100, 10_000)
    expect(expired).toEqual([{ phase: 'throughput', after: 1_000 }])
  })

  it('lets come what comes fast enough, for as long as it takes', async () => {
    const { expired, clock } = await drips(12, 100, 10_000)
    expect(expired).toEqual([])
    expect(clock.pending).toBe(1)
  })

  it('sees an answer that becomes a drip', async () => {
    const { expired, clock, watchdog } = await drips(50, 100, 1_500)
    for (let ms = 0; ms < 3_000 && expired.length === 0; ms += 100) {
      await clock.advance(100)
      if (expired.length > 0) break
      watchdog.arrived(1)
      watchdog.reading()
    }
    expect(expired).toEqual([{ phase: 'throughput', after: 3_000 }])
  })

  it('takes signs of life for no drip, nor what brings nothing that can be counted', async () => {
    expect((await drips(Number.POSITIVE_INFINITY, 400, 10_000)).expired).toEqual([])
    expect((await drips(0, 400, 10_000)).expired).toEqual([])
  })

  it('lets a whole window be made good by what arrives in the very turn of its end', async () => {
    const { clock, watchdog, expired } = watch({ minThroughput: 100 })
    watchdog.firstToken(clock.monotonic())
    watchdog.reading()
    await clock.advance(450)
    watchdog.arrived(1)
    watchdog.reading()
    await clock.advance(450)
    watchdog.reading()
    clock.timer(100, () => {
      watchdog.arrived(500)
      watchdog.reading()
    })
    await clock.advance(500)
    expect(expired).toEqual([])
    await clock.advance(10_000)
    expect(expired).toEqual([{ phase: 'idle', after: 1_500 }])
  })

  it('ends a drip whose next drop falls in the very turn of its end', async () => {
    const { expired } = await drips(9, 250, 10_000)
    expect(expired).toEqual([{ phase: 'throughput', after: 1_000 }])
    const { clock, watchdog, expired: raced } = watch({ minThroughput: 100 })
    watchdog.firstToken(clock.monotonic())
    for (const ms of [300, 600, 900, 1_000]) {
      clock.timer(ms, () => {
        watchdog.arrived(1)
        watchdog.reading()
      })
    }
    watchdog.reading()
    await clock.advance(10_000)
    expect(raced).toEqual([{ phase: 'throughput', after: 1_000 }])
  })

  it('leaves it to the consumer as soon as he has something of it', async () => {
    const { clock, watchdog, expired } = watch({ minThroughput: 100 })
    watchdog.firstToken(clock.monotonic())
    watchdog.arrived(1)
    watchdog.reading()
    await clock.advance(100)
    watchdog.paused()
    for (let read = 0; read < 20; read++) {
      watchdog.reading()
      await clock.advance(400)
      watchdog.paused()
    }
    expect(expired).toEqual([])
  })

  it('sets no timer more', async () => {
    const { clock } = await drips(1, 100, 500)
    expect(clock.pending).toBe(1)
  })

  it('tells a drip from a silence', async () => {
    const { expired } = await drips(1, 501, 10_000)
    expect(expired).toEqual([{ phase: 'idle', after: 500 }])
  })
})
