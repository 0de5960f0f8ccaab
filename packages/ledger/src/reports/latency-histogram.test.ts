import fc from 'fast-check'
import { expect, it } from 'vitest'
import { LatencyHistogram } from './latency-histogram.ts'

const times = fc.array(fc.double({ min: 0, max: 2 ** 31, noNaN: true }), { minLength: 1, maxLength: 200 })

function histogramOf(values: readonly number[]): LatencyHistogram {
  const histogram = new LatencyHistogram()
  for (const value of values) histogram.add(value)
  return histogram
}

it('tells quantiles within a thirty-second of the truth', () => {
  fc.assert(
    fc.property(times, fc.constantFrom(0.01, 0.5, 0.95, 0.99, 1), (values, share) => {
      const sorted = values.map(value => Math.min(Math.floor(value), 2 ** 31 - 1)).sort((one, other) => one - other)
      const truth = sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1] as number
      const told = histogramOf(values).quantile(share) as number
      expect(Math.abs(told - truth)).toBeLessThanOrEqual(truth / 32)
    }),
  )
})

it('is the same in one piece, merged, or as texts behind each other', () => {
  fc.assert(
    fc.property(times, times, (some, others) => {
      const whole = histogramOf([...some, ...others])
      const merged = histogramOf(some)
      merged.merge(histogramOf(others))
      const read = new LatencyHistogram()
      read.addText(`${histogramOf(some).text()} ${histogramOf(others).text()}`)
      expect(merged.text()).toBe(whole.text())
      expect(read.text()).toBe(whole.text())
      expect(read.count).toBe(some.length + others.length)
    }),
  )
})

it('has a bounded text whatever it was told', () => {
  const histogram = new LatencyHistogram()
  for (let ms = 0; ms < 2 ** 31; ms = Math.ceil((ms + 1) * 1.001)) histogram.add(ms)
  expect(histogram.text().split(' ').length).toBeLessThanOrEqual(450)
  expect(histogramOf([-1, 1e12]).text()).toBe(`0:1 447:1`)
})

it('knows nothing of nothing', () => {
  const histogram = new LatencyHistogram()
  histogram.addText('')
  expect(histogram.quantile(0.5)).toBeUndefined()
  expect(histogram.text()).toBe('')
})
