import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anything, selectable } from './selection.fixture.ts'
import type { SelectableTarget, TargetSelector } from './selection-policy.ts'
import { weighted } from './weighted.ts'

function choose(selector: TargetSelector, targets: readonly SelectableTarget[]): SelectableTarget {
  const selection = selector.select(targets, anything)
  expect(new Set(selection.order)).toEqual(new Set(targets))
  selection.taken?.()
  return selection.order[0] as SelectableTarget
}

const weight = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.double({ min: 0.001, max: 1, noNaN: true }))

describe('by weight', () => {
  it('after any number of requests each target has had its share, give or take less than one', () => {
    const weights = fc.array(weight, { minLength: 1, maxLength: 9 }).filter(all => all.some(one => one > 0))
    fc.assert(
      fc.property(weights, fc.integer({ min: 1, max: 300 }), (all, requests) => {
        const targets = all.map((one, at) => selectable(`${at}/m`, one))
        const total = all.reduce((sum, one) => sum + one, 0)
        const selector = weighted().selector({})
        const counts = new Map(targets.map(target => [target, 0]))
        for (let request = 1; request <= requests; request++) {
          const chosen = choose(selector, targets)
          counts.set(chosen, (counts.get(chosen) ?? 0) + 1)
          for (const [target, count] of counts) {
            expect(Math.abs(count - (request * target.weight) / total)).toBeLessThan(1)
          }
        }
      }),
    )
  })

  it('nobody is owed, nor has had, much more than one request, whoever comes and goes', () => {
    const sets = fc.array(fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }), { minLength: 1, maxLength: 300 })
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 5, maxLength: 5 }), sets, (weights, there) => {
        const targets = weights.map((one, at) => selectable(`${at}/m`, one))
        const selector = weighted().selector({})
        const owed = new Map(targets.map(target => [target, 0]))
        for (const flags of there) {
          const present = targets.filter((_, at) => flags[at])
          if (present.length === 0) continue
          const total = present.reduce((sum, target) => sum + target.weight, 0)
          const chosen = choose(selector, present)
          for (const target of present) {
            owed.set(target, (owed.get(target) ?? 0) + target.weight / total - Number(target === chosen))
          }
          for (const debt of owed.values()) expect(Math.abs(debt)).toBeLessThan(3)
        }
      }),
    )
  })

  it('a target that was away for long is not flooded', () => {
    const [a, b] = [selectable('a/m'), selectable('b/m')]
    const selector = weighted().selector({})
    for (let request = 0; request < 1_000; request++) choose(selector, [a])
    const after = Array.from({ length: 10 }, () => choose(selector, [a, b]))
    expect(after.filter(target => target === b).length).toBeLessThanOrEqual(6)
    expect(after.slice(0, 4)).toContain(a)
  })

  it('a weight of 0 is asked where all others fail', () => {
    const targets = [selectable('a/m', 0), selectable('b/m', 1), selectable('c/m', 3)]
    const selector = weighted().selector({})
    for (let request = 0; request < 50; request++) {
      const selection = selector.select(targets, anything)
      expect(selection.order.at(-1)).toBe(targets[0])
      selection.taken?.()
    }
    expect(choose(selector, targets.slice(0, 1))).toBe(targets[0])
  })

  it('says each share, and whose turn it is', () => {
    const targets = [selectable('a/m', 1), selectable('b/m', 2), selectable('c/m', 0)]
    const selection = weighted().selector({}).select(targets, anything)
    expect(targets.map(target => selection.reasons(target)[0]?.message)).toEqual([
      'its share is 33.3 %',
      'its share is 66.7 %, and it is its turn',
      'its weight is 0: it is asked where all others fail',
    ])
    expect(selection.reasons(targets[0] as SelectableTarget)[0]?.data).toEqual({ weight: 1, share: 1 / 3 })
  })

  it('counts for each chain by itself, and only what is followed', () => {
    const targets = [selectable('a/m'), selectable('b/m')]
    const policy = weighted()
    const [one, other] = [policy.selector({}), policy.selector({})]
    const first = choose(one, targets)
    expect(choose(other, targets)).toBe(first)
    const looks = [one.select(targets, anything), one.select(targets, anything)].map(({ order }) => order[0])
    expect(looks[0]).toBe(looks[1])
    expect(choose(one, targets)).toBe(looks[0])
  })
})
