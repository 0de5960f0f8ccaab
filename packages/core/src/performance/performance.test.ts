import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ReasoningEffort } from '../contract/request.ts'
import type { AttemptOutcome } from '../engine/admission.ts'
import { plainUsage } from '../testing/answers.ts'
import { ask, failed, SeenScene, times } from './performance.fixture.ts'

const about = (value: number) => ({
  asymmetricMatch: (other: unknown) => Math.abs((other as number) - value) <= value * 0.05 + 0.1,
  toString: () => `about ${value}`,
})

describe('what is remembered of a target', () => {
  it('is how well, how fast and for how much it answers, for each task and altogether', async () => {
    const here = new SeenScene({ pricing: { cost: ({ output }) => price(BigInt(output.text) * 1_000_000n) } })
    await times(28, () => here.answers(400, { context: { task: 'chat' } }))
    await times(12, () => here.answers(3_000, { context: { task: 'code' } }))
    const [all, ...tasks] = here.performance.records()
    expect(all).toEqual({
      target: 'a/m',
      inFlight: 0,
      succeeded: 40,
      failed: 0,
      cancelled: 0,
      lastSeenAt: here.clock.wall(),
      successRate: 1,
      firstTokenMs: { p50: about(400), p90: about(3_000), p99: about(3_000), samples: expect.any(Number) },
      latencyMs: { p50: about(1_400), p90: about(4_000), p99: about(4_000), samples: expect.any(Number) },
      tokensPerSecond: { p50: about(100), p90: about(100), p99: about(100), samples: expect.any(Number) },
      costPerCall: '0.000101 USD',
    })
    expect(tasks).toMatchObject([
      { target: 'a/m', task: 'chat', succeeded: 28, firstTokenMs: { p50: about(400) } },
      { target: 'a/m', task: 'code', succeeded: 12, firstTokenMs: { p50: about(3_000) } },
    ])
    expect(JSON.parse(JSON.stringify(here.performance.records()))).toEqual(here.performance.records())
    const { performance } = here
    expect(performance.firstTokenMs('a/m', 0.5, 'code')).toEqual(about(3_000))
    expect(performance.firstTokenMs('a/m', 0.5, 'never seen')).toEqual(about(400))
  })

  it('says nothing where too little was seen, or nothing lately', async () => {
    const here = new SeenScene()
    expect(here.performance.firstTokenMs('a/m', 0.5)).toBeUndefined()
    expect(here.performance.successRate('a/m')).toBeUndefined()
    await times(4, () => here.answers(400))
    expect(here.performance.firstTokenMs('a/m', 0.5)).toBeUndefined()
    expect(here.performance.successRate('a/m')).toBeUndefined()
    await times(4, () => here.answers(400))
    expect(here.performance.firstTokenMs('a/m', 0.5)).toEqual(about(400))
    expect(here.performance.firstTokenMs('a/m', 0.95)).toBeUndefined()
    await times(12, () => here.answers(400))
    expect(here.performance.firstTokenMs('a/m', 0.95)).toEqual(about(400))
    expect(here.performance.firstTokenMs('a/m', 0.99)).toBeUndefined()
    await here.clock.advance(3_600_000)
    expect(here.performance.firstTokenMs('a/m', 0.5)).toBeUndefined()
    expect(here.performance.successRate('a/m')).toBeUndefined()
  })

  it('counts the attempts that are on their way', async () => {
    const here = new SeenScene()
    const one = here.begin()
    const other = here.begin()
    expect(here.performance.inFlight('a/m')).toBe(2)
    one.settle({ type: 'withdrawn' }, here.clock.monotonic())
    other.settle(failed('overloaded', {}, 1), here.clock.monotonic())
    other.settle(failed('overloaded', {}, 1), here.clock.monotonic())
    expect(here.performance.inFlight('a/m')).toBe(0)
    expect(here.performance.records()).toMatchObject([{ succeeded: 0, failed: 1, cancelled: 0 }])
  })

  it('does not measure how long an attempt waited for its admission', async () => {
    const here = new SeenScene()
    await times(5, async () => {
      const permit = here.begin()
      await here.clock.advance(30_000)
      permit.sent?.(30_000)
      await here.clock.advance(500)
      permit.firstToken?.(here.clock.monotonic())
      permit.settle({ type: 'completed', durationMs: 500 }, here.clock.monotonic())
    })
    expect(here.performance.firstTokenMs('a/m', 0.5)).toEqual(about(500))
  })

  it('leaves out nested chains, whose targets are seen where they are asked, and token counts', () => {
    const here = new SeenScene()
    here.begin({ nested: true, target: 'inner' }).settle({ type: 'completed', durationMs: 1 }, 0)
    here.begin({ operation: 'count-tokens' }).settle({ type: 'completed', durationMs: 1 }, 0)
    expect(here.performance.records()).toEqual([])
  })

  it('takes an answer in one piece as its first token', async () => {
    const here = new SeenScene()
    await times(5, async () => {
      const permit = here.begin({ operation: 'embed' })
      await here.clock.advance(300)
      permit.settle({ type: 'completed', durationMs: 300 }, here.clock.monotonic())
    })
    expect(here.performance.firstTokenMs('a/m', 0.5)).toEqual(about(300))
    expect(here.performance.snapshot().targets[0]?.waits).toEqual({})
  })

  it('does not take a consumer who pauses for a slow target', async () => {
    const here = new SeenScene()
    const permit = here.begin()
    await here.clock.advance(400)
    permit.firstToken?.(here.clock.monotonic())
    await here.clock.advance(60_000)
    const pace = { longestSilenceMs: 10, pausedMs: 59_000 }
    const outcome = { type: 'completed', durationMs: 60_400, usage: plainUsage(1, 100), pace } as const
    permit.settle(outcome, here.clock.monotonic())
    const [record] = here.performance.records()
    expect(record).toMatchObject({ succeeded: 1, firstTokenMs: { p50: about(400) } })
    expect(record?.latencyMs).toBeUndefined()
    expect(record?.tokensPerSecond).toBeUndefined()
  })
})

describe('tokens per second', () => {
  it('include the time for which it thought, where it thought', async () => {
    const here = new SeenScene()
    const permit = here.begin()
    await here.clock.advance(9_000)
    permit.firstToken?.(here.clock.monotonic())
    await here.clock.advance(1_000)
    const spoken = plainUsage(1, 101)
    const usage = { ...spoken, output: { text: 101, reasoning: 900 } }
    permit.settle({ type: 'completed', durationMs: 10_000, usage }, here.clock.monotonic())
    expect(here.performance.records()[0]?.tokensPerSecond?.p50).toEqual(about(100))
  })
})

describe('a target that does not answer', () => {
  it('does not look fast because it refuses quickly', async () => {
    const here = new SeenScene()
    await times(10, () => here.refuses('rate-limit'))
    await times(10, () => here.refuses('unavailable'))
    expect(here.performance.firstTokenMs('a/m', 0.5)).toBeUndefined()
    expect(here.performance.successRate('a/m')).toBe(0)
    await times(10, () => here.answers(2_000))
    expect(here.performance.firstTokenMs('a/m', 0.5)).toEqual(about(2_000))
  })

  it('looks as slow as its limit let it be', async () => {
    const here = new SeenScene()
    await times(10, () => here.answers(300))
    await times(15, () => here.timesOut(15_000))
    expect(here.performance.firstTokenMs('a/m', 0.5)).toEqual(about(15_000))
    expect(here.performance.successRate('a/m')).toBeCloseTo(0.4, 1)
  })

  it('is slow, not failing, where its callers leave it', async () => {
    const here = new SeenScene()
    await times(6, () => here.answers(1_000))
    await times(20, () => here.isLeft(4_000))
    expect(here.performance.firstTokenMs('a/m', 0.5)).toEqual(about(4_000))
    expect(here.performance.successRate('a/m')).toBe(1)
    expect(here.performance.records()).toMatchObject([{ succeeded: 6, failed: 0, cancelled: 20 }])
  })

  it('is not blamed for the end of a request whose time others had used up', async () => {
    const here = new SeenScene()
    await times(10, async () => {
      const permit = here.begin()
      await here.clock.advance(100)
      const { error } = failed('timeout', { phase: 'total' }, 100) as Extract<AttemptOutcome, { type: 'failed' }>
      permit.settle({ type: 'cancelled', error, bill: 'unknown', durationMs: 100 }, here.clock.monotonic())
    })
    expect(here.performance.successRate('a/m')).toBeUndefined()
    expect(here.performance.records()).toMatchObject([{ failed: 0, cancelled: 10 }])
  })

  it('is no faster for the attempts that others overtook', async () => {
    const here = new SeenScene()
    await times(10, async () => {
      await here.isLeft(200)
      await here.isLeft(200)
      await here.answers(5_000)
    })
    expect(here.performance.firstTokenMs('a/m', 0.5)).toEqual(about(5_000))
  })

  it('does not put off those who would help it out, however many of its attempts are overtaken', async () => {
    const here = new SeenScene()
    await times(40, () => here.answers(600))
    await times(40, () => here.answers(300))
    const hedgeAfter = () => here.performance.firstTokenMs('a/m', 0.95, undefined, 'answered') as number
    await times(60, () => here.isLeft(hedgeAfter() + 300))
    expect(hedgeAfter()).toBeGreaterThanOrEqual(600)
    expect(hedgeAfter()).toBeLessThan(600 * 1.11)
    expect(here.performance.firstTokenMs('a/m', 0.95)).toBeGreaterThan(850)
    // one that had time to answer says it of all that had not
    await times(3, () => here.answers(4_000))
    expect(hedgeAfter()).toBeGreaterThanOrEqual(4_000)
  })

  it('is not blamed for requests that are wrong in themselves, but for a model that it does not have', async () => {
    const here = new SeenScene()
    await times(6, () => here.answers(300))
    for (const kind of ['invalid-request', 'context-length', 'content-filter', 'unsupported'] as const) {
      await here.refuses(kind)
    }
    expect(here.performance.successRate('a/m')).toBe(1)
    await times(6, () => here.refuses('not-found'))
    expect(here.performance.successRate('a/m')).toBeCloseTo(0.5, 1)
  })
})

describe('the memory that it takes', () => {
  it('is bounded, whatever targets and tasks there are', async () => {
    const here = new SeenScene({ targets: 16 })
    await times(3, () => here.answers(100))
    const kept = here.begin({ target: 'kept/m' })
    for (let at = 0; at < 200; at++) await here.answers(100, { target: `a/m${at}`, context: { task: `task ${at}` } })
    for (let at = 0; at < 200; at++) {
      const request = { ...ask, reasoningEffort: `effort ${at}` as ReasoningEffort }
      await here.answers(100, { target: 'b/m', context: { task: `task ${at}` }, request })
      // what is asked for all along stays known
      await here.answers(100, { target: 'b/m', context: { task: `task ${at}` } })
    }
    const classes = Object.keys(here.performance.snapshot().targets.at(-1)?.waits ?? {})
    expect(classes).toHaveLength(16)
    expect(classes[0]).toBe('under 4k tokens')
    const records = here.performance.records()
    expect(new Set(records.map(({ target }) => target)).size).toBe(16)
    const tasks = records.filter(({ target }) => target === 'b/m').map(({ task }) => task)
    expect(tasks).toEqual([undefined, ...Array.from({ length: 8 }, (_, at) => `task ${192 + at}`)])
    expect(records.length).toBeLessThanOrEqual(16 * 9)
    // the longest unseen went first, and nothing that is on its way
    expect(records.some(({ target }) => target === 'a/m199')).toBe(true)
    expect(records.some(({ target }) => target === 'a/m')).toBe(false)
    expect(here.performance.inFlight('kept/m')).toBe(1)
    kept.settle({ type: 'withdrawn' }, here.clock.monotonic())
    expect(here.performance.inFlight('kept/m')).toBe(0)
  })

  it.each([{ targets: 0 }, { targets: Number.NaN }, { halfLifeMs: 0 }, { halfLifeMs: -1 }, { halfLifeMs: Number.NaN }])(
    'is some: %j is refused',
    options => {
      expect(() => new SeenScene(options)).toThrow('Performance records need halfLifeMs above 0, and targets from 1.')
    },
  )

  it('is not given up for names that clients invent', async () => {
    const here = new SeenScene({ targets: 4 })
    await times(20, () => here.answers(100))
    for (let at = 0; at < 50; at++) {
      const permit = here.begin({ target: `a/invented${at}` })
      await here.clock.advance(1_000)
      permit.settle(failed('not-found', {}, 1_000), here.clock.monotonic())
    }
    expect(here.performance.firstTokenMs('a/m', 0.5)).toEqual(about(100))
    expect(new Set(here.performance.records().map(({ target }) => target)).size).toBe(4)
  })

  it('does not grow with the number of attempts', async () => {
    const here = new SeenScene()
    const size = () => JSON.stringify(here.performance.snapshot()).length
    const fill = () => times(300, () => here.answers(50 + 40_000 * Math.random() ** 4))
    await fill()
    await fill()
    const before = size()
    await times(10, fill)
    expect(size()).toBeLessThan(before * 1.5)
    expect(size()).toBeLessThan(20_000)
  })
})

describe('a restarted process', () => {
  it('knows what the last one knew, less by the time between', async () => {
    const first = new SeenScene()
    await times(100, () => first.answers(700, { context: { task: 'chat' } }, { restMs: 100 }))
    await times(25, () => first.timesOut(1_000))
    const snapshot = JSON.parse(JSON.stringify(first.performance.snapshot()))
    const next = new SeenScene()
    await next.clock.advance(first.clock.wall() - next.clock.wall())
    next.performance.restore(snapshot)
    for (const task of [undefined, 'chat']) {
      expect(next.performance.firstTokenMs('a/m', 0.5, task)).toBe(first.performance.firstTokenMs('a/m', 0.5, task))
      expect(next.performance.successRate('a/m', task)).toBeCloseTo(first.performance.successRate('a/m', task) ?? 0, 5)
    }
    expect(next.performance.records().map(({ limits, ...record }) => record)).toEqual(
      first.performance.records().map(({ limits, ...record }) => record),
    )
    const late = new SeenScene()
    await late.clock.advance(86_400_000)
    late.performance.restore(snapshot)
    expect(late.performance.firstTokenMs('a/m', 0.5)).toBeUndefined()
  })

  it('takes nothing that is no snapshot, and then nothing of it', async () => {
    const seen = new SeenScene()
    await times(6, () => seen.answers(300, { context: { task: 'chat' } }))
    const json = JSON.stringify(seen.performance.snapshot())
    const planted = [
      'null',
      '{}',
      '{ "version": 1, "at": 0 }',
      json.replace('"version":1', '"version":2'),
      json.replace('"target":"a/m"', '"target":7'),
      json.replace('"targets":[', '"targets":[null,'),
      json.replace('"succeeded":6', '"succeeded":null'),
      json.replace('"mean":1', '"mean":-1'),
      json.replace('"mean":1', '"mean":1e200'),
      json.replace('"values":[', '"values":["x",'),
      json.replace('"waits":{', '"waits":{"rest":{},'),
      json.replace('"tasks":{', '"tasks":{"code":7,'),
    ]
    for (const wrong of planted) {
      const { performance } = new SeenScene()
      expect(wrong).not.toBe(json)
      expect(() => performance.restore(JSON.parse(wrong)), wrong).toThrow('This is no snapshot of performance records')
      expect(performance.records()).toEqual([])
    }
  })

  it('tells what it did, whatever numbers a file has got into its snapshot', async () => {
    const seen = new SeenScene()
    await times(20, () => seen.answers(3_000))
    await times(40, () => seen.answers(300))
    const json = JSON.stringify(seen.performance.snapshot())
    for (const [part, instead] of [
      ['"values":[', '"values":[0.5,1,'],
      ['"values":[', '"values":[1e12,1,'],
      ['"mean":1', '"mean":1e17'],
      ['"samples":', '"samples":9'],
    ] as const) {
      const { performance } = new SeenScene()
      performance.restore(JSON.parse(json.replaceAll(part, instead)))
      expect(JSON.stringify(performance.records()), instead).not.toContain('null')
      expect(performance.firstTokenMs('a/m', 0.5)).toBe(seen.performance.firstTokenMs('a/m', 0.5))
    }
  })

  it('counts on as if nothing had been in between', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 5, maxLength: 40 }), async waits => {
        const whole = new SeenScene()
        let split = new SeenScene()
        for (const [at, ms] of waits.entries()) {
          await whole.answers(ms)
          await split.answers(ms)
          if (at !== waits.length >> 1) continue
          const snapshot = split.performance.snapshot()
          const now = split.clock.wall()
          split = new SeenScene()
          await split.clock.advance(now - split.clock.wall())
          split.performance.restore(snapshot)
        }
        const one = whole.performance.firstTokenMs('a/m', 0.5) as number
        const other = split.performance.firstTokenMs('a/m', 0.5) as number
        // a weight on the edge may fall to the next value
        const among = [...waits, one / 1.05, one / 0.95].some(ms => Math.abs(ms - other) <= ms * 0.051 + 1)
        expect(among).toBe(true)
        expect(split.performance.records()[0]?.succeeded).toBe(whole.performance.records()[0]?.succeeded)
      }),
      { numRuns: 30 },
    )
  })
})

function price(total: bigint) {
  return { total, subtotal: total, unknown: [] }
}
