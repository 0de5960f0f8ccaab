import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CircuitBreaker } from './circuit-breaker.ts'
import type { CircuitSnapshot } from './circuit-snapshot.ts'
import type { CircuitTransition } from './circuit-state.ts'
import type { Permit } from './permit.ts'

const breakerOf = (onTransition?: (transition: CircuitTransition) => void): CircuitBreaker =>
  new CircuitBreaker({ windowMs: 1_000, minimumCalls: 4, openForMs: 200 }, () => 0, onTransition)

function call(breaker: CircuitBreaker, now: number, type: 'success' | 'failure', retryAfterMs?: number): boolean {
  const permit = breaker.admit(now)
  if (permit.admitted) permit.settle(now, type === 'failure' ? { type, retryAfterMs } : { type })
  return permit.admitted
}

describe('a snapshot', () => {
  it('goes on in another process, on another clock, as if nothing had been between', () => {
    const move = fc.record({
      waitMs: fc.nat(150),
      outcome: fc.constantFrom('success' as const, 'failure' as const),
      retryAfterMs: fc.option(fc.nat(500), { nil: undefined, freq: 10 }),
    })
    const moves = fc.array(move, { maxLength: 40 })
    fc.assert(
      fc.property(moves, moves, fc.integer({ min: -20, max: 20 }), (before, after, slices) => {
        let now = 10_000
        const first = breakerOf()
        for (const { waitMs, outcome, retryAfterMs } of before) {
          now += waitMs
          call(first, now, outcome, retryAfterMs)
        }
        // by whole slices of the window, so that both clocks cut time alike
        const shift = slices * 100
        const second = breakerOf()
        second.restore(JSON.parse(JSON.stringify(first.snapshot(now))), now + shift)
        for (const { waitMs, outcome, retryAfterMs } of after) {
          now += waitMs
          expect(second.retryAfterMs(now + shift)).toBe(first.retryAfterMs(now))
          expect(call(second, now + shift, outcome, retryAfterMs)).toBe(call(first, now, outcome, retryAfterMs))
        }
      }),
      { numRuns: 500 },
    )
  })

  it('of a half-open circuit lets the next process send its own probe at once', () => {
    const first = breakerOf()
    for (let calls = 0; calls < 4; calls++) call(first, 0, 'failure')
    first.admit(200)
    const second = breakerOf()
    second.restore(first.snapshot(200), 7)
    expect(second.state).toEqual({ name: 'open', until: 7 })
    expect(second.admit(7).admitted).toBe(true)
  })

  it('of a half-open circuit keeps its Retry-After', () => {
    const first = breakerOf()
    const late = first.admit(0) as Permit
    for (let calls = 0; calls < 4; calls++) call(first, 0, 'failure')
    first.admit(200)
    late.settle(210, { type: 'failure', retryAfterMs: 90 })
    expect(first.snapshot(250).state).toEqual({ name: 'open', remainingMs: 50 })
  })

  it('of an isolated circuit stays isolated, and the change is told', () => {
    const first = breakerOf()
    first.isolate(5)
    const told: CircuitTransition[] = []
    const second = breakerOf(transition => told.push(transition))
    second.restore(first.snapshot(5), 100)
    expect(second.state.name).toBe('isolated')
    expect(told).toEqual([{ from: 'closed', to: 'isolated', reason: 'restored', at: 100 }])
  })

  it('keeps the length that failed probes gave the open time', () => {
    const first = breakerOf()
    for (let calls = 0; calls < 4; calls++) call(first, 0, 'failure')
    call(first, 200, 'failure')
    const second = breakerOf()
    second.restore(first.snapshot(200), 0)
    expect(second.retryAfterMs(0)).toBe(400)
    call(second, 400, 'failure')
    expect(second.retryAfterMs(400)).toBe(800)
  })

  it('makes permits of before say nothing', () => {
    const breaker = breakerOf()
    const permits = [1, 2, 3, 4].map(() => breaker.admit(0) as Permit)
    breaker.restore(breaker.snapshot(0), 0)
    for (const permit of permits) permit.settle(0, { type: 'failure' })
    expect(breaker.state.name).toBe('closed')
  })

  it('brings no counts into a window of another length', () => {
    const first = breakerOf()
    for (let calls = 0; calls < 3; calls++) call(first, 0, 'failure')
    const second = new CircuitBreaker({ windowMs: 2_000, minimumCalls: 4 }, () => 0)
    second.restore(first.snapshot(0), 0)
    call(second, 0, 'failure')
    expect(second.state.name).toBe('closed')
  })

  it('brings no counts of longer ago than the window', () => {
    const breaker = breakerOf()
    const old = { age: 10, total: 3, failures: 3, slow: 0 }
    const young = { ...old, age: 9 }
    const restored = (outcomes: (typeof old)[]): string => {
      const state = { name: 'closed', windowMs: 1_000, outcomes } as const
      breaker.restore({ version: 1, state, failedProbes: 0, retryAfterMs: 0 }, 0)
      call(breaker, 0, 'failure')
      return breaker.state.name
    }
    expect([restored([old]), restored([young])]).toEqual(['closed', 'open'])
  })

  it.each<[string, unknown]>([
    ['version', null],
    ['version', { version: 2 }],
    ['failedProbes', { version: 1, failedProbes: -1 }],
    ['retryAfterMs', { version: 1, failedProbes: 0, retryAfterMs: '1' }],
    ['state.name', { version: 1, failedProbes: 0, retryAfterMs: 0 }],
    ['state.name', { version: 1, failedProbes: 0, retryAfterMs: 0, state: { name: 'ajar' } }],
    ['state.remainingMs', { version: 1, failedProbes: 0, retryAfterMs: 0, state: { name: 'open' } }],
    ['state.outcomes', { version: 1, failedProbes: 0, retryAfterMs: 0, state: { name: 'closed', outcomes: [{}] } }],
    ['state.outcomes', { version: 1, failedProbes: 0, retryAfterMs: 0, state: { name: 'closed', outcomes: [null] } }],
    ['state.outcomes', { version: 1, failedProbes: 0, retryAfterMs: 0, state: { name: 'closed' } }],
  ])('with a bad %s is refused and changes nothing', (field, value) => {
    const breaker = breakerOf()
    expect(() => breaker.restore(value as CircuitSnapshot, 0)).toThrow(
      expect.objectContaining({ kind: 'invalid-request', param: field }),
    )
    expect(breaker.state.name).toBe('closed')
  })
})
