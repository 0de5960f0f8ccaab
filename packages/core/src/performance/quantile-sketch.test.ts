import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { QuantileSketch } from './quantile-sketch.ts'

const never = { halfLifeMs: Number.POSITIVE_INFINITY, memory: Number.POSITIVE_INFINITY }

function sketchOf(values: readonly number[], atLeast: readonly number[] = []): QuantileSketch {
  const sketch = new QuantileSketch(1, never)
  for (const value of values) sketch.add(value, 0)
  for (const value of atLeast) sketch.addAtLeast(value, 0)
  return sketch
}

/** As records tell it. */
function known(sketch: QuantileSketch, share: number): number {
  return sketch.quantile(share) ?? sketch.longest
}

interface Sample {
  readonly value: number
  readonly weight: number
}

/** The smallest value that so large a share of all weight is not above. */
function exactly(samples: readonly Sample[], share: number): number {
  const sorted = [...samples].sort((one, other) => one.value - other.value)
  const all = sorted.reduce((sum, { weight }) => sum + weight, 0)
  let sum = 0
  for (const { value, weight } of sorted) {
    sum += weight
    if (sum >= all * share) return value
  }
  return sorted.at(-1)?.value as number
}

const milliseconds = fc.oneof(
  fc.double({ min: 1, max: 2_000, noNaN: true }),
  fc.double({ min: 1, max: 1_500_000, noNaN: true }),
)
const share = fc.double({ min: 0.001, max: 1, noNaN: true })

describe('a sketch of values', () => {
  it('knows every quantile within 5 %', () => {
    fc.assert(
      fc.property(fc.array(milliseconds, { minLength: 1, maxLength: 300 }), share, (values, at) => {
        const samples = values.map(value => ({ value, weight: 1 }))
        // a share that falls on a sample may go either way
        const least = exactly(samples, at - 1e-6) * 0.95
        const most = exactly(samples, at + 1e-6) * 1.05
        const told = known(sketchOf(values), at)
        expect(told).toBeGreaterThanOrEqual(least * (1 - 1e-9))
        expect(told).toBeLessThanOrEqual(most * (1 + 1e-9))
      }),
      { numRuns: 500 },
    )
  })

  it('knows them of what fades, too', () => {
    const halfLifeMs = 1_000
    const memory = 20
    const step = fc.record({ value: milliseconds, afterMs: fc.integer({ min: 0, max: 3_000 }) })
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 120 }), share, (steps, at) => {
        const sketch = new QuantileSketch(1, { halfLifeMs, memory })
        let now = 0
        let weight = 1
        const samples = steps.map(({ value, afterMs }, index) => {
          now += afterMs
          if (index > 0) weight *= 2 ** (afterMs / halfLifeMs) * (1 + 1 / memory)
          sketch.add(value, now)
          return { value, weight }
        })
        const all = samples.reduce((sum, sample) => sum + sample.weight, 0) / weight
        expect(sketch.samples(now)).toBeCloseTo(all, 3)
        expect(sketch.samples(now + halfLifeMs)).toBeCloseTo(all / 2, 3)
        const told = sketch.quantile(at)
        expect(told).toBeGreaterThanOrEqual(exactly(samples, at - 1e-5) * 0.95 * (1 - 1e-9))
        expect(told).toBeLessThanOrEqual(exactly(samples, at + 1e-5) * 1.05 * (1 + 1e-9))
      }),
      { numRuns: 300 },
    )
  })

  it('forgets: what is ten half-lives old has no say', () => {
    const sketch = new QuantileSketch(1, { halfLifeMs: 60_000, memory: 1_000 })
    for (let at = 0; at < 500; at++) sketch.add(9_000, at)
    for (let at = 0; at < 5; at++) sketch.add(100, 600_000)
    expect(sketch.quantile(0.9)).toBeCloseTo(100, -1)
    expect(sketch.samples(600_000)).toBeCloseTo(5, 0)
  })

  it('sees a change after a share of its memory, however many came before', () => {
    const sketch = new QuantileSketch(1, { halfLifeMs: 3_600_000, memory: 500 })
    for (let at = 0; at < 100_000; at++) sketch.add(500, at)
    for (let at = 0; at < 400; at++) sketch.add(5_000, 100_000 + at)
    expect(sketch.quantile(0.5)).toBeGreaterThan(4_700)
  })

  it('survives any pause, and any number of samples', () => {
    const sketch = new QuantileSketch(1, { halfLifeMs: 1, memory: 2 })
    for (let at = 0; at < 5_000; at++) sketch.add(200, at)
    sketch.add(300, 1e12)
    expect(sketch.quantile(0.5)).toBeGreaterThan(285)
    expect(sketch.samples(1e12)).toBeCloseTo(1, 1)
  })

  it('takes what is out of its range for the nearest that is in it', () => {
    expect(known(sketchOf([0]), 0.5)).toBeLessThanOrEqual(1)
    expect(known(sketchOf([-5]), 0.5)).toBeLessThanOrEqual(1)
    expect(known(sketchOf([1e12]), 0.5)).toBeGreaterThan(2_000_000)
  })
})

describe('a wait that was given up', () => {
  it('counts as that long at least', () => {
    // of ten, two were given up after 15 s: how long they would have taken nobody knows
    const sketch = sketchOf(Array(8).fill(1_000), [15_000, 15_000])
    expect(sketch.quantile(0.5)).toBeCloseTo(1_000, -2)
    expect(known(sketch, 0.9)).toBeGreaterThan(14_250)
  })

  it('leaves it open how long what nobody saw the end of takes', () => {
    const sketch = sketchOf(Array(90).fill(1_000), Array(10).fill(15_000))
    expect(sketch.quantile(0.89)).toBeCloseTo(1_000, -2)
    expect(sketch.quantile(0.91)).toBeUndefined()
    expect(sketch.quantileOfEnded(0.91)).toBeCloseTo(1_000, -2)
    // one that was waited for longer, and came, says it of all the others
    sketch.add(25_000, 0)
    expect(sketch.quantile(0.91)).toBeGreaterThan(23_500)
    expect(sketchOf([], [15_000]).quantileOfEnded(0.5)).toBeUndefined()
  })

  it('is not the longest for ever', () => {
    const sketch = new QuantileSketch(1, { halfLifeMs: 3_600_000, memory: 100 })
    sketch.addAtLeast(60_000, 0)
    for (let at = 0; at < 1_000; at++) sketch.addAtLeast(5_000, at)
    expect(sketch.longest).toBeLessThan(5_300)
  })

  it('makes nobody fast who was left early', () => {
    // those that others had overtaken were left after 200 ms
    const sketch = sketchOf(Array(10).fill(4_000), Array(90).fill(200))
    expect(sketch.quantile(0.5)).toBeGreaterThan(3_800)
  })

  it('is all that is known of who never answers', () => {
    expect(known(sketchOf([], Array(5).fill(15_000)), 0.5)).toBeGreaterThan(14_250)
  })

  it('never lowers a quantile below what it would be without it', () => {
    const waits = fc.array(milliseconds, { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(waits, waits, share, (values, given, at) => {
        const longest = Math.max(...values)
        const told = known(sketchOf(values, given), at)
        // the longest that ended is where the estimate of the others may end
        expect(told).toBeGreaterThanOrEqual(Math.min(known(sketchOf(values), at), longest * 0.95) * (1 - 1e-9))
      }),
    )
  })
})

describe('a sketch that is told', () => {
  it('is the same in another process', () => {
    fc.assert(
      fc.property(fc.array(milliseconds, { minLength: 1 }), fc.array(milliseconds), share, (values, given, at) => {
        const sketch = sketchOf(values, given)
        const restored = new QuantileSketch(1, never)
        restored.restore(JSON.parse(JSON.stringify(sketch.snapshot(0))), 1, 5_000)
        expect(restored.quantile(at)).toBe(sketch.quantile(at))
        expect(restored.samples(5_000)).toBeCloseTo(sketch.samples(0), 3)
      }),
    )
  })

  it('has at most as many numbers as it has buckets', () => {
    const sketch = new QuantileSketch(1, never)
    for (let value = 1; value < 1_000_000; value *= 1.01) sketch.add(value, 0)
    expect(sketch.snapshot(0).values.length).toBeLessThanOrEqual(300)
  })
})
