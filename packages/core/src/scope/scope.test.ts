import { describe, expect, it } from 'vitest'
import { heldBy } from './held-by.ts'
import type { Holding, Scope, ScopedAttempt } from './scope.ts'

const attempt: ScopedAttempt = {
  chains: ['outer', 'inner'],
  provider: 'openai',
  target: 'openai/gpt',
  context: { principal: 'web', tags: ['night', 'batch'] },
}

const namesFor = (holdings: readonly Holding[], attempt: ScopedAttempt) => heldBy(holdings, name => name)(attempt)
const inScope = (scope: Scope, attempt: ScopedAttempt) => namesFor([{ scope, name: 'it' }], attempt).length === 1

describe('scopes', () => {
  it.each<[Scope, boolean]>([
    [{ type: 'all' }, true],
    [{ type: 'chain', name: 'outer' }, true],
    [{ type: 'chain', name: 'inner' }, true],
    [{ type: 'chain', name: 'other' }, false],
    [{ type: 'key', name: 'web' }, true],
    [{ type: 'key', name: 'cron' }, false],
    [{ type: 'provider', name: 'openai' }, true],
    [{ type: 'provider', name: 'openai/gpt' }, false],
    [{ type: 'model', name: 'openai/gpt' }, true],
    [{ type: 'model', name: 'gpt' }, false],
    [{ type: 'tag', name: 'batch' }, true],
    [{ type: 'tag', name: 'day' }, false],
  ])('%j: %s', (scope, expected) => {
    expect(inScope(scope, attempt)).toBe(expected)
  })

  it('of a caller without name or tags hold nothing of keys and tags', () => {
    const nobody = { ...attempt, context: {} }
    expect(inScope({ type: 'key', name: 'web' }, nobody)).toBe(false)
    expect(inScope({ type: 'tag', name: 'night' }, nobody)).toBe(false)
  })

  it('that hold one name hold it once', () => {
    const holdings = [
      { scope: { type: 'chain', name: 'outer' }, name: 'team' },
      { scope: { type: 'key', name: 'cron' }, name: 'cron' },
      { scope: { type: 'all' }, name: 'house' },
      { scope: { type: 'key', name: 'web' }, name: 'team' },
    ] as const
    expect(namesFor(holdings, attempt)).toEqual(['team', 'house'])
  })
})
