import fc from 'fast-check'
import { expect, it } from 'vitest'
import { CircuitBreaker } from './circuit-breaker.ts'
import type { Permit } from './permit.ts'

const options = {
  windowMs: 1_000,
  minimumCalls: 4,
  failureRate: 0.75,
  consecutiveFailures: 3,
  slowCallMs: 50,
  slowCallRate: 0.75,
  openForMs: 200,
  maxOpenForMs: 700,
  halfOpenProbes: 2,
  probeLeaseMs: 300,
}

interface ModelCall {
  /** How many changes of state the model had seen when it began. */
  readonly life: number
  readonly admittedAt: number
  firstTokenAt?: number
  settled?: true
  lapsed?: true
}

/** A breaker that remembers everything that ever happened, and looks it all through each time. */
class Model {
  state: 'closed' | 'open' | 'half-open' | 'isolated' = 'closed'
  life = 0
  outcomes: { at: number; kind: 'success' | 'failure' | 'slow' }[] = []
  probes: ModelCall[] = []
  closingProbes: ModelCall[] = []
  closedAt = 0
  until = 0
  failedProbes = 0
  retryAfters: number[] = []

  become(state: Model['state']): void {
    this.state = state
    this.life++
    this.outcomes = []
  }

  forget(): void {
    this.become('closed')
    this.closingProbes = []
    this.failedProbes = 0
    this.retryAfters = []
  }

  open(now: number): void {
    this.until = now + Math.min(options.maxOpenForMs, options.openForMs * 2 ** this.failedProbes)
    this.become('open')
  }

  notBefore(): number {
    return Math.max(0, ...this.retryAfters)
  }

  admit(now: number, early: boolean): ModelCall | undefined {
    if (this.state === 'closed') return { life: this.life, admittedAt: now }
    if (this.state === 'isolated' || now < this.notBefore()) return undefined
    if (this.state === 'open') {
      if (now < this.until && !early) return undefined
      this.become('half-open')
      this.probes = []
    }
    for (const probe of this.probes) {
      if (probe.firstTokenAt === undefined && now - probe.admittedAt >= options.probeLeaseMs) probe.lapsed = true
    }
    const taken = this.probes.filter(probe => {
      if (probe.lapsed) return false
      return probe.firstTokenAt !== undefined || !probe.settled
    })
    if (taken.length >= options.halfOpenProbes) return undefined
    const probe = { life: this.life, admittedAt: now }
    this.probes.push(probe)
    return probe
  }

  firstToken(call: ModelCall, now: number): void {
    if (call.settled || call.firstTokenAt !== undefined) return
    call.firstTokenAt = now
    if (this.state !== 'half-open' || call.life !== this.life || call.lapsed) return
    const succeeded = this.probes.filter(probe => probe.firstTokenAt !== undefined && !probe.lapsed)
    if (succeeded.length < options.halfOpenProbes) return
    const slow = succeeded.filter(probe => Number(probe.firstTokenAt) - probe.admittedAt >= options.slowCallMs)
    if (slow.length / succeeded.length >= options.slowCallRate) {
      this.failedProbes++
      this.open(now)
    } else {
      this.become('closed')
      this.closedAt = now
      this.closingProbes = succeeded.filter(probe => !probe.settled)
      this.retryAfters = []
    }
  }

  settle(call: ModelCall, now: number, outcome: 'success' | 'failure' | 'ignored', retryAfterMs?: number): void {
    if (call.settled) return
    if (outcome === 'success') this.firstToken(call, now)
    call.settled = true
    if (outcome === 'failure' && retryAfterMs !== undefined) this.retryAfters.push(now + retryAfterMs)
    if (this.state === 'half-open' && call.life === this.life && !call.lapsed && outcome === 'failure') {
      if (now < this.until) {
        this.become('open')
      } else {
        this.failedProbes++
        this.open(now)
      }
    } else if (this.state === 'closed' && this.closingProbes.includes(call)) {
      if (outcome === 'failure') {
        this.failedProbes++
        this.open(now)
      } else if (this.closingProbes.every(probe => probe.settled)) {
        this.failedProbes = 0
      }
    } else if (this.state === 'closed' && call.life === this.life && outcome !== 'ignored') {
      const slow = outcome === 'success' && Number(call.firstTokenAt) - call.admittedAt >= options.slowCallMs
      this.outcomes.push({ at: now, kind: slow ? 'slow' : outcome })
      this.judge(now)
    }
  }

  judge(now: number): void {
    const slice = (at: number): number => Math.floor(at / (options.windowMs / 10))
    const recent = this.outcomes.filter(outcome => slice(outcome.at) > slice(now) - 10)
    const share = (kind: string): number => recent.filter(outcome => outcome.kind === kind).length / recent.length
    const isEnough = recent.length >= options.minimumCalls
    const rates = isEnough && (share('failure') >= options.failureRate || share('slow') >= options.slowCallRate)
    const last = recent.slice(-options.consecutiveFailures)
    const inRow = last.length === options.consecutiveFailures && last.every(({ kind }) => kind === 'failure')
    if (!rates && !inRow) return
    if (now - this.closedAt >= options.probeLeaseMs) this.failedProbes = 0
    this.open(now)
  }
}

type Step =
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'admit' | 'admit-early' | 'isolate' | 'release' | 'reset' }
  | { readonly do: 'first-token'; readonly call: number }
  | { readonly do: 'settle'; readonly call: number; readonly outcome: 'success' | 'failure' | 'ignored' }
  | { readonly do: 'retry-after'; readonly call: number; readonly ms: number }

const call = fc.nat(7)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(120) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(1_500) }) },
  { weight: 12, arbitrary: fc.record({ do: fc.constant('admit' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('admit-early' as const) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('first-token' as const), call }) },
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('settle' as const),
      call,
      outcome: fc.constantFrom('success' as const, 'failure' as const, 'failure' as const, 'ignored' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('retry-after' as const), call, ms: fc.nat(1_000) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('isolate' as const, 'release' as const, 'reset' as const) }),
  },
)

it('does what a breaker that remembers everything would do, over any run of calls', () => {
  const reached = new Set<string>()
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200, size: 'max' }), fc.nat(5_000), (steps, start) => {
      let now = start
      const model = new Model()
      const breaker = new CircuitBreaker(
        options,
        () => 0,
        ({ from, to, reason }) => reached.add(`${from} > ${to}: ${reason}`),
      )
      const calls: { permit: Permit; model: ModelCall }[] = []
      // the youngest calls first, so that the living are met more often than the long dead
      const nth = (back: number): (typeof calls)[number] | undefined => calls.at(-1 - back)
      for (const one of steps) {
        switch (one.do) {
          case 'wait':
            now += one.ms
            break
          case 'admit':
          case 'admit-early': {
            const early = one.do === 'admit-early'
            const expected = model.admit(now, early)
            const due = breaker.probeAvailableAt(now)
            const permit = early ? breaker.admitEarly(now) : breaker.admit(now)
            expect(permit.admitted).toBe(expected !== undefined)
            if (!early) expect(due <= now).toBe(permit.admitted)
            if (permit.admitted && expected) calls.push({ permit, model: expected })
            if (!permit.admitted) expect(permit.retryAfterMs).toBeGreaterThan(0)
            break
          }
          case 'first-token':
            nth(one.call)?.permit.firstToken(now)
            model.firstToken(nth(one.call)?.model ?? { life: -1, admittedAt: 0 }, now)
            break
          case 'settle':
            nth(one.call)?.permit.settle(now, { type: one.outcome })
            model.settle(nth(one.call)?.model ?? { life: -1, admittedAt: 0 }, now, one.outcome)
            break
          case 'retry-after': {
            const met = nth(one.call)
            if (met === undefined) break
            met.permit.settle(now, { type: 'failure', retryAfterMs: one.ms })
            model.settle(met.model, now, 'failure', one.ms)
            break
          }
          case 'isolate':
            if (model.state !== 'isolated') model.become('isolated')
            breaker.isolate(now)
            break
          case 'release':
            if (model.state === 'isolated') model.forget()
            breaker.release(now)
            break
          case 'reset':
            model.forget()
            breaker.reset(now)
        }
        expect(breaker.state.name).toBe(model.state)
        if (breaker.state.name === 'open') {
          expect(breaker.state.until).toBe(Math.max(model.until, model.notBefore()))
        }
      }
    }),
    { numRuns: 1_500 },
  )
  // the runs went everywhere
  expect([...reached].sort()).toEqual([
    'closed > isolated: isolated',
    'closed > open: consecutive-failures',
    'closed > open: failure-rate',
    'closed > open: probe-failed',
    'closed > open: slow-call-rate',
    'half-open > closed: probes-succeeded',
    'half-open > closed: reset',
    'half-open > isolated: isolated',
    'half-open > open: probe-failed',
    'half-open > open: probe-slow',
    'isolated > closed: released',
    'isolated > closed: reset',
    'open > closed: reset',
    'open > half-open: asked-early',
    'open > half-open: open-time-elapsed',
    'open > isolated: isolated',
  ])
})
