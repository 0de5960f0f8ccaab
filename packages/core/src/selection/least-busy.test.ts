import { describe, expect, it } from 'vitest'
import { leastBusy } from './least-busy.ts'
import { anything, seen, selectable } from './selection.fixture.ts'

describe('by what is on its way', () => {
  it('the least busy is asked first; of equals the heavier, then the one listed first', () => {
    const [a, b, c, d] = [selectable('a/m'), selectable('b/m', 2), selectable('c/m', 2), selectable('d/m')]
    const performance = seen({ 'a/m': { inFlight: 3 }, 'b/m': { inFlight: 1 }, 'c/m': { inFlight: 1 } })
    const selection = leastBusy().selector({ performance }).select([a, b, c, d], anything)
    expect(selection.order).toEqual([d, b, c, a])
    expect(selection.reasons(a)).toEqual([
      { code: 'in-flight', message: '3 attempts are on their way to it', data: { inFlight: 3 } },
    ])
  })

  it('a nested chain is as busy as all that it asks', () => {
    const nested = { ...selectable('inner'), models: ['a/m', 'b/m'] }
    const performance = seen({ 'a/m': { inFlight: 1 }, 'b/m': { inFlight: 1 }, 'c/m': { inFlight: 1 } })
    const alone = selectable('c/m')
    expect(leastBusy().selector({ performance }).select([nested, alone], anything).order).toEqual([alone, nested])
  })

  it('needs what was seen', () => {
    expect(() => leastBusy().selector({})).toThrow('give the chain `performance`')
  })
})
