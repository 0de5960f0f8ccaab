import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lowestLatency } from './lowest-latency.ts'
import { anything, type Seen, seen, selectable } from './selection.fixture.ts'

const [a, b, c] = [selectable('a/m'), selectable('b/m'), selectable('c/m')]

function order(targets: Readonly<Record<string, Seen>>, explore = 0): string[] {
  const selector = lowestLatency({ explore }).selector({ performance: seen(targets) })
  return selector.select([a, b, c], anything).order.map(({ key }) => key)
}

const well: Seen = { firstTokenMs: 500, successRate: 1 }

describe('by latency', () => {
  it('the fastest to begin is asked first, then the next', () => {
    expect(
      order({ 'a/m': well, 'b/m': { ...well, firstTokenMs: 900 }, 'c/m': { ...well, firstTokenMs: 200 } }),
    ).toEqual(['c/m', 'a/m', 'b/m'])
  })

  it('whoever fails is slower by as much, and behind all others where it fails more often than not', () => {
    expect(
      order({ 'a/m': { firstTokenMs: 400, successRate: 0.7 }, 'b/m': well, 'c/m': { ...well, firstTokenMs: 999 } }),
    ).toEqual(['b/m', 'a/m', 'c/m'])
    expect(order({ 'a/m': { firstTokenMs: 1, successRate: 0.1 }, 'b/m': well })).toEqual(['b/m', 'c/m', 'a/m'])
  })

  it('a dead target is never preferred to one that answers, however fast it is dead', () => {
    const dead = fc.record({
      firstTokenMs: fc.option(fc.double({ min: 0, max: 60_000, noNaN: true }), { nil: undefined }),
      successRate: fc.double({ min: 0, max: 0.49, noNaN: true }),
    })
    const alive = fc.record({
      firstTokenMs: fc.double({ min: 1, max: 60_000, noNaN: true }),
      successRate: fc.double({ min: 0.5, max: 1, noNaN: true }),
    })
    fc.assert(
      fc.property(dead, alive, alive, (one, two, three) => {
        expect(order({ 'a/m': one, 'b/m': two, 'c/m': three }).at(-1)).toBe('a/m')
      }),
    )
  })

  it('where nothing was seen, the listed order holds', () => {
    expect(order({})).toEqual(['a/m', 'b/m', 'c/m'])
    expect(order({ 'b/m': well })).toEqual(['b/m', 'a/m', 'c/m'])
  })

  it('the unknown get their turns, and no more than the share that is set for it', () => {
    const known = fc.array(fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()), { minLength: 1, maxLength: 400 })
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), known, (explore, looks) => {
        const targets: Record<string, Seen> = {}
        const selector = lowestLatency({ explore }).selector({ performance: seen(targets) })
        let explored = 0
        for (const [at, flags] of looks.entries()) {
          for (const [index, target] of [a, b, c].entries())
            targets[target.key] = flags[index] ? { ...well, firstTokenMs: index + 1 } : {}
          const selection = selector.select([a, b, c], anything)
          expect(new Set(selection.order)).toEqual(new Set([a, b, c]))
          const [first = a] = selection.order
          const [reason] = selection.reasons(first)
          if (reason?.code === 'exploration') explored++
          else
            expect(targets[first.key]?.firstTokenMs ?? Number.POSITIVE_INFINITY).toBe(
              Math.min(...[a, b, c].map(({ key }) => targets[key]?.firstTokenMs ?? Number.POSITIVE_INFINITY)),
            )
          expect(explored).toBeLessThanOrEqual(explore * (at + 1) + 1e-6)
          selection.taken?.()
        }
      }),
    )
  })

  it.each<[string, Seen]>([
    ['are unknown', {}],
    ['failed', { firstTokenMs: 10, successRate: 0.1 }],
  ])('those that %s are explored in turn', (_, others) => {
    const performance = seen({ 'a/m': well, 'b/m': others, 'c/m': others })
    const selector = lowestLatency({ explore: 0.25 }).selector({ performance })
    const first = Array.from({ length: 16 }, () => {
      const selection = selector.select([a, b, c], anything)
      selection.taken?.()
      return selection.order[0]?.key
    })
    expect(first.filter(key => key !== 'a/m')).toEqual(['b/m', 'c/m', 'b/m', 'c/m'])
  })

  it('those that were slow are asked again after a minute, once', () => {
    const slow = { firstTokenMs: 9_000, successRate: 1 }
    const performance = seen({ 'a/m': well, 'b/m': slow, 'c/m': slow })
    const selector = lowestLatency({ explore: 0.5 }).selector({ performance })
    const first = (at: number) => {
      const selection = selector.select([a, b, c], { ...anything, at })
      selection.taken?.()
      return selection.order[0]?.key
    }
    const asks = (from: number) =>
      Array.from({ length: 8 }, (_, call) => first(from + call)).filter(key => key !== 'a/m')
    expect(asks(0)).toEqual(['b/m', 'c/m'])
    expect(asks(59_000)).toEqual([])
    expect(asks(60_004)).toEqual(['b/m', 'c/m'])
  })

  it('those that were slow are asked again though the wall clock was put back', () => {
    const slow = { firstTokenMs: 9_000, successRate: 1 }
    const performance = seen({ 'a/m': well, 'b/m': slow, 'c/m': slow })
    const selector = lowestLatency({ explore: 1 }).selector({ performance })
    const first = (at: number) => {
      const selection = selector.select([a, b, c], { ...anything, at })
      selection.taken?.()
      return selection.order[0]?.key
    }
    expect([first(3_600_000), first(3_600_001), first(3_600_002)]).toEqual(['b/m', 'c/m', 'a/m'])
    expect([first(0), first(1)]).toEqual(['b/m', 'c/m'])
  })

  it('names percentiles as people do', () => {
    const performance = seen({ 'a/m': well })
    const message = (quantile: number) => {
      const selector = lowestLatency({ quantile }).selector({ performance })
      return selector.select([a, b], anything).reasons(a)[0]?.message
    }
    expect([0.29, 0.999].map(message)).toEqual([
      'its first token takes 500 ms (p29), and 100 % of its attempts succeed',
      'its first token takes 500 ms (p99.9), and 100 % of its attempts succeed',
    ])
  })

  it('says what was seen', () => {
    const performance = seen({ 'a/m': { firstTokenMs: 240.4, successRate: 0.98 } })
    const selection = lowestLatency({ quantile: 0.9, explore: 1 }).selector({ performance }).select([a, b, c], anything)
    expect(selection.reasons(a)).toEqual([
      {
        code: 'latency',
        message: 'its first token takes 240 ms (p90), and 98 % of its attempts succeed',
        data: { firstTokenMs: 240.4, quantile: 0.9, successRate: 0.98 },
      },
    ])
    expect(selection.reasons(b)).toEqual([
      { code: 'exploration', message: 'this request finds out how it does now', data: { explore: 1 } },
      { code: 'latency', message: 'too little was seen of it lately' },
    ])
    expect(selection.reasons(c)[0]?.message).toBe('too little was seen of it lately')
  })

  it('refuses what it cannot work with', () => {
    expect(() => lowestLatency({ explore: 2 })).toThrow(
      'The explore of lowestLatency must be a number from 0 to 1, not 2.',
    )
    expect(() => lowestLatency().selector({})).toThrow('give the chain `performance`')
  })
})
