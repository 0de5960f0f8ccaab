import { beforeEach, describe, expect, it } from 'vitest'
import { CircuitBreaker } from './circuit-breaker.ts'
import type { CircuitBreakerOptions } from './circuit-breaker-options.ts'
import type { CircuitOutcome, CircuitRefusal, CircuitTransition } from './circuit-state.ts'
import type { Permit } from './permit.ts'

const success = { type: 'success' } as const
const failure = { type: 'failure' } as const
const ignored = { type: 'ignored' } as const

let now: number
let random: number
let transitions: CircuitTransition[]

beforeEach(() => {
  now = 50_000.5
  random = 0
  transitions = []
})

function breakerOf(options: CircuitBreakerOptions = {}): CircuitBreaker {
  return new CircuitBreaker(
    options,
    () => random,
    transition => transitions.push(transition),
  )
}

function admitted(breaker: CircuitBreaker): Permit {
  const permit = breaker.admit(now)
  if (!permit.admitted) throw new Error(`Refused: ${permit.reason}.`)
  return permit
}

function refused(breaker: CircuitBreaker): CircuitRefusal {
  const refusal = breaker.admit(now)
  if (refusal.admitted) throw new Error('Let through.')
  return refusal
}

function call(breaker: CircuitBreaker, outcome: CircuitOutcome, times = 1): void {
  for (let done = 0; done < times; done++) admitted(breaker).settle(now, outcome)
}

/** A breaker that ten failures have just opened, for 10 s. */
function opened(options: CircuitBreakerOptions = {}): CircuitBreaker {
  const breaker = breakerOf(options)
  call(breaker, failure, 10)
  expect(breaker.state.name).toBe('open')
  return breaker
}

const path = (): string[] => transitions.map(({ from, to, reason }) => `${from} > ${to}: ${reason}`)

describe('a closed circuit', () => {
  it('stays closed below the minimum of calls, whatever their outcomes', () => {
    const breaker = breakerOf({ minimumCalls: 10 })
    call(breaker, failure, 9)
    expect(breaker.state).toEqual({ name: 'closed' })
    expect(transitions).toEqual([])
  })

  it('opens when the failure rate is reached at the minimum of calls', () => {
    const breaker = breakerOf({ minimumCalls: 10, failureRate: 0.5, openForMs: 10_000 })
    call(breaker, success, 5)
    call(breaker, failure, 4)
    expect(breaker.state.name).toBe('closed')
    call(breaker, failure)
    expect(breaker.state).toEqual({ name: 'open', until: now + 10_000 })
    expect(transitions).toEqual([{ from: 'closed', to: 'open', reason: 'failure-rate', at: now, openForMs: 10_000 }])
  })

  it('stays closed below the failure rate', () => {
    const breaker = breakerOf()
    call(breaker, success)
    for (let round = 0; round < 99; round++) {
      call(breaker, success)
      call(breaker, failure)
    }
    expect(breaker.state.name).toBe('closed')
  })

  it('opens also when a success brings the calls to the minimum and the rate is still reached', () => {
    const breaker = breakerOf()
    call(breaker, failure, 9)
    call(breaker, success)
    expect(breaker.state.name).toBe('open')
  })

  it('does not count calls in flight', () => {
    const breaker = breakerOf()
    for (let started = 0; started < 100; started++) admitted(breaker)
    call(breaker, failure, 9)
    expect(breaker.state.name).toBe('closed')
    call(breaker, failure)
    expect(breaker.state.name).toBe('open')
  })

  it('does not count ignored outcomes', () => {
    const breaker = breakerOf()
    call(breaker, failure, 9)
    call(breaker, ignored, 100)
    expect(breaker.state.name).toBe('closed')
    call(breaker, failure)
    expect(breaker.state.name).toBe('open')
  })

  it('counts each call once, however often it is settled', () => {
    const breaker = breakerOf()
    const permit = admitted(breaker)
    for (let times = 0; times < 20; times++) permit.settle(now, failure)
    expect(breaker.state.name).toBe('closed')
  })

  it('keeps the first outcome of a call', () => {
    const breaker = breakerOf({ minimumCalls: 1 })
    const permit = admitted(breaker)
    permit.settle(now, ignored)
    permit.settle(now, failure)
    permit.firstToken(now)
    expect(breaker.state.name).toBe('closed')
  })

  it('opens after ten failures in a row, however well it was before', () => {
    const breaker = breakerOf()
    call(breaker, success, 500)
    call(breaker, failure, 9)
    call(breaker, ignored, 5)
    expect(breaker.state.name).toBe('closed')
    call(breaker, failure)
    expect(path()).toEqual(['closed > open: consecutive-failures'])
  })

  it('counts failures in a row anew after each success, and only those of the window', () => {
    const breaker = breakerOf({ windowMs: 60_000, consecutiveFailures: 3 })
    call(breaker, success, 50)
    for (let round = 0; round < 10; round++) {
      call(breaker, failure, 2)
      call(breaker, success)
    }
    expect(breaker.state.name).toBe('closed')
    call(breaker, failure, 2)
    now += 70_000
    call(breaker, failure, 2)
    expect(breaker.state.name).toBe('closed')
    call(breaker, failure)
    expect(path()).toEqual(['closed > open: consecutive-failures'])
  })

  it('takes as many failures in a row as its minimum of calls, if it is told no other number', () => {
    const breaker = breakerOf({ minimumCalls: 20 })
    call(breaker, success, 100)
    call(breaker, failure, 19)
    expect(breaker.state.name).toBe('closed')
    call(breaker, failure)
    expect(breaker.state.name).toBe('open')
  })

  it('forgets outcomes older than the window', () => {
    const breaker = breakerOf({ windowMs: 60_000 })
    call(breaker, failure, 9)
    now += 60_000
    call(breaker, failure)
    expect(breaker.state.name).toBe('closed')
  })

  it('forgets outcomes slice by slice', () => {
    now = 60_000
    const breaker = breakerOf({ windowMs: 60_000 })
    call(breaker, failure, 5)
    now += 54_000
    call(breaker, failure, 4)
    now += 6_000
    call(breaker, failure, 5)
    expect(breaker.state.name).toBe('closed')
    call(breaker, failure)
    expect(breaker.state.name).toBe('open')
  })

  it('remembers outcomes through most of the window', () => {
    const breaker = breakerOf({ windowMs: 60_000 })
    call(breaker, failure, 9)
    now += 53_999
    call(breaker, failure)
    expect(breaker.state.name).toBe('open')
  })

  it('is not moved by the counts of an hour ago', () => {
    const breaker = breakerOf()
    call(breaker, success, 1_000)
    now += 3_600_000
    call(breaker, failure, 10)
    expect(breaker.state.name).toBe('open')
  })

  it('takes a clock that stands still or steps back', () => {
    const breaker = breakerOf()
    call(breaker, failure, 5)
    now -= 30_000
    call(breaker, failure, 4)
    now += 30_000
    expect(breaker.state.name).toBe('closed')
    call(breaker, failure)
    expect(breaker.state.name).toBe('open')
  })
})

describe('slow calls', () => {
  const slowCall = (breaker: CircuitBreaker, latencyMs: number): void => {
    const permit = admitted(breaker)
    permit.firstToken(now + latencyMs)
    permit.settle(now + latencyMs + 1, success)
  }

  it('are nobody’s trouble unless a limit is set', () => {
    const breaker = breakerOf()
    for (let done = 0; done < 20; done++) slowCall(breaker, 1_000_000)
    expect(breaker.state.name).toBe('closed')
  })

  it('open the circuit at their rate', () => {
    const breaker = breakerOf({ slowCallMs: 5_000, slowCallRate: 0.8 })
    slowCall(breaker, 4_999)
    slowCall(breaker, 4_999)
    for (let done = 0; done < 7; done++) slowCall(breaker, 5_000)
    expect(breaker.state.name).toBe('closed')
    slowCall(breaker, 5_000)
    expect(breaker.state.name).toBe('open')
    expect(path()).toEqual(['closed > open: slow-call-rate'])
  })

  it('are measured to the first token, not to the end', () => {
    const breaker = breakerOf({ slowCallMs: 5_000 })
    for (let done = 0; done < 20; done++) {
      const permit = admitted(breaker)
      permit.firstToken(now + 100)
      permit.firstToken(now + 50_000)
      permit.settle(now + 60_000, success)
    }
    expect(breaker.state.name).toBe('closed')
  })

  it('are measured to the end where no first token was told', () => {
    const breaker = breakerOf({ slowCallMs: 5_000 })
    for (let done = 0; done < 10; done++) admitted(breaker).settle(now + 5_000, success)
    expect(breaker.state.name).toBe('open')
  })

  it('that failed count as failures only', () => {
    const breaker = breakerOf({ slowCallMs: 5_000, slowCallRate: 0.1, failureRate: 1 })
    for (let done = 0; done < 9; done++) {
      const permit = admitted(breaker)
      permit.firstToken(now + 6_000)
      permit.settle(now + 7_000, failure)
    }
    call(breaker, success, 10)
    expect(breaker.state.name).toBe('closed')
  })

  it('among the probes reopen the circuit', () => {
    const breaker = opened({ slowCallMs: 5_000 })
    now += 10_000
    const probe = admitted(breaker)
    now += 5_000
    probe.firstToken(now)
    expect(breaker.state).toEqual({ name: 'open', until: now + 20_000 })
    expect(path().at(-1)).toBe('half-open > open: probe-slow')
  })

  it('among the probes do not reopen it below their rate', () => {
    const breaker = opened({ slowCallMs: 5_000, slowCallRate: 0.6, halfOpenProbes: 2 })
    now += 10_000
    const [slow, fast] = [admitted(breaker), admitted(breaker)]
    fast.firstToken(now + 1)
    slow.firstToken(now + 5_000)
    expect(breaker.state.name).toBe('closed')
  })
})

describe('an open circuit', () => {
  it('refuses at once and says for how long', () => {
    const breaker = opened()
    now += 4_000
    expect(refused(breaker)).toEqual({ admitted: false, reason: 'open', retryAfterMs: 6_000 })
    expect(breaker.retryAfterMs(now)).toBe(6_000)
    expect(breaker.probeAvailableAt(now)).toBe(now + 6_000)
  })

  it('lets a probe through when its time is up, and not a moment before', () => {
    const breaker = opened()
    now += 9_999
    refused(breaker)
    now += 1
    expect(breaker.retryAfterMs(now)).toBe(0)
    expect(breaker.probeAvailableAt(now)).toBe(now)
    admitted(breaker)
    expect(breaker.state).toEqual({ name: 'half-open', succeeded: 0, waiting: 1 })
    expect(path()).toEqual(['closed > open: failure-rate', 'open > half-open: open-time-elapsed'])
  })

  it('stays open, and at rest, however long nobody asks', () => {
    const breaker = opened()
    now += 86_400_000
    expect(breaker.state.name).toBe('open')
    expect(breaker.probeAvailableAt(now)).toBe(now)
  })

  it('ignores what calls of before it opened bring', () => {
    const breaker = breakerOf()
    const [late, later] = [admitted(breaker), admitted(breaker)]
    call(breaker, failure, 10)
    late.settle(now, success)
    later.settle(now, failure)
    expect(breaker.state).toEqual({ name: 'open', until: now + 10_000 })
    expect(transitions).toHaveLength(1)
  })

  it('does not end before a Retry-After', () => {
    const breaker = breakerOf()
    call(breaker, failure, 9)
    call(breaker, { type: 'failure', retryAfterMs: 45_000 })
    expect(transitions.at(-1)?.openForMs).toBe(45_000)
    now += 44_999
    expect(refused(breaker).retryAfterMs).toBe(1)
    now += 1
    admitted(breaker)
  })

  it('keeps its own time where a Retry-After is shorter', () => {
    const breaker = breakerOf()
    call(breaker, { type: 'failure', retryAfterMs: 2_000 }, 10)
    expect(breaker.retryAfterMs(now)).toBe(10_000)
  })

  it('minds a Retry-After told before it opened', () => {
    const breaker = breakerOf()
    call(breaker, { type: 'failure', retryAfterMs: 45_000 })
    now += 5_000
    call(breaker, failure, 9)
    expect(breaker.retryAfterMs(now)).toBe(40_000)
  })

  it('is prolonged by a Retry-After that a late failure tells, the later deadline winning', () => {
    const breaker = breakerOf()
    const late = [admitted(breaker), admitted(breaker)]
    call(breaker, failure, 10)
    now += 1_000
    late[0]?.settle(now, { type: 'failure', retryAfterMs: 30_000 })
    expect(breaker.retryAfterMs(now)).toBe(30_000)
    late[1]?.settle(now, { type: 'failure', retryAfterMs: 20_000 })
    expect(breaker.retryAfterMs(now)).toBe(30_000)
  })

  it('takes no Retry-After that is no number of milliseconds', () => {
    const breaker = breakerOf()
    for (const retryAfterMs of [Number.NaN, Number.POSITIVE_INFINITY, -5_000, undefined, 0]) {
      call(breaker, { type: 'failure', retryAfterMs }, 2)
    }
    expect(breaker.retryAfterMs(now)).toBe(10_000)
  })

  it('lets a probe through early when asked to, one only', () => {
    const breaker = opened()
    now += 1
    const probe = breaker.admitEarly(now)
    expect(probe.admitted).toBe(true)
    expect(path().at(-1)).toBe('open > half-open: asked-early')
    expect(breaker.admitEarly(now)).toMatchObject({ admitted: false, reason: 'half-open' })
  })

  it('is not prolonged by a probe that was asked early and failed', () => {
    const breaker = opened()
    now += 4_000
    const probe = breaker.admitEarly(now)
    now += 1_000
    if (probe.admitted) probe.settle(now, failure)
    expect(breaker.retryAfterMs(now)).toBe(5_000)
    expect(path().at(-1)).toBe('half-open > open: probe-failed')
    now += 5_000
    const due = breaker.admit(now)
    if (due.admitted) due.settle(now, failure)
    expect(breaker.retryAfterMs(now)).toBeGreaterThanOrEqual(16_000)
  })

  it('does not let a probe through early before a Retry-After', () => {
    const breaker = breakerOf()
    call(breaker, { type: 'failure', retryAfterMs: 5_000 }, 10)
    expect(breaker.admitEarly(now)).toMatchObject({ admitted: false, reason: 'open' })
    now += 5_000
    expect(breaker.admitEarly(now).admitted).toBe(true)
  })

  it('is asked early like any other when its time is up', () => {
    const breaker = opened()
    now += 10_000
    expect(breaker.admitEarly(now).admitted).toBe(true)
    expect(path().at(-1)).toBe('open > half-open: open-time-elapsed')
  })
})

describe('a half-open circuit', () => {
  it('lets as many probes through as it wants and refuses everybody else at once', () => {
    const breaker = opened({ halfOpenProbes: 3 })
    now += 10_000
    for (let probes = 0; probes < 3; probes++) admitted(breaker)
    expect(refused(breaker)).toEqual({ admitted: false, reason: 'half-open', retryAfterMs: 10_000 })
    expect(breaker.state).toEqual({ name: 'half-open', succeeded: 0, waiting: 3 })
  })

  it('closes at the first token of its probe, long before the stream ends', () => {
    const breaker = opened()
    now += 10_000
    const probe = admitted(breaker)
    now += 300
    probe.firstToken(now)
    expect(breaker.state).toEqual({ name: 'closed' })
    expect(transitions.at(-1)).toEqual({ from: 'half-open', to: 'closed', reason: 'probes-succeeded', at: now })
    admitted(breaker)
  })

  it('closes when all its probes have had their first token, not before', () => {
    const breaker = opened({ halfOpenProbes: 3 })
    now += 10_000
    const probes = [admitted(breaker), admitted(breaker), admitted(breaker)]
    probes[0]?.firstToken(now)
    probes[1]?.settle(now, success)
    expect(breaker.state).toEqual({ name: 'half-open', succeeded: 2, waiting: 1 })
    refused(breaker)
    probes[2]?.firstToken(now)
    expect(breaker.state.name).toBe('closed')
  })

  it('counts the first token of a probe once', () => {
    const breaker = opened({ halfOpenProbes: 2 })
    now += 10_000
    const probe = admitted(breaker)
    probe.firstToken(now)
    probe.firstToken(now)
    probe.settle(now, success)
    expect(breaker.state).toEqual({ name: 'half-open', succeeded: 1, waiting: 0 })
  })

  it('reopens when a probe fails', () => {
    const breaker = opened({ halfOpenProbes: 2 })
    now += 10_000
    const [probe, other] = [admitted(breaker), admitted(breaker)]
    probe.settle(now, failure)
    expect(breaker.state).toEqual({ name: 'open', until: now + 20_000 })
    other.settle(now, success)
    expect(breaker.state.name).toBe('open')
  })

  it('reopens when a probe fails after its first token, while others are waited for', () => {
    const breaker = opened({ halfOpenProbes: 2 })
    now += 10_000
    const probe = admitted(breaker)
    probe.firstToken(now)
    probe.settle(now, failure)
    expect(breaker.state.name).toBe('open')
  })

  it('gets a place back from a probe whose outcome is ignored', () => {
    const breaker = opened()
    now += 10_000
    for (let times = 0; times < 5; times++) {
      const probe = admitted(breaker)
      refused(breaker)
      probe.settle(now, ignored)
    }
    admitted(breaker).settle(now, success)
    expect(breaker.state.name).toBe('closed')
  })

  it('keeps the success of a probe that is aborted after its first token', () => {
    const breaker = opened({ halfOpenProbes: 2 })
    now += 10_000
    const probe = admitted(breaker)
    probe.firstToken(now)
    probe.settle(now, ignored)
    expect(breaker.state).toEqual({ name: 'half-open', succeeded: 1, waiting: 0 })
    admitted(breaker).firstToken(now)
    expect(breaker.state.name).toBe('closed')
  })

  it('gets a place back from a probe that says nothing, after its lease', () => {
    const breaker = opened({ probeLeaseMs: 120_000 })
    now += 10_000
    admitted(breaker)
    now += 115_000
    expect(refused(breaker).retryAfterMs).toBe(5_000)
    expect(breaker.probeAvailableAt(now)).toBe(now + 5_000)
    now += 5_000
    expect(breaker.retryAfterMs(now)).toBe(0)
    const second = admitted(breaker)
    refused(breaker)
    second.firstToken(now)
    expect(breaker.state.name).toBe('closed')
  })

  it('hears nothing more of a probe whose place went to another', () => {
    const breaker = opened({ probeLeaseMs: 60_000 })
    now += 10_000
    const lapsed = admitted(breaker)
    now += 60_000
    const second = admitted(breaker)
    lapsed.firstToken(now)
    expect(breaker.state).toEqual({ name: 'half-open', succeeded: 0, waiting: 1 })
    lapsed.settle(now, failure)
    expect(breaker.state.name).toBe('half-open')
    second.settle(now, success)
    expect(breaker.state.name).toBe('closed')
  })

  it('still hears a probe after its lease while nobody wanted its place', () => {
    const breaker = opened({ probeLeaseMs: 60_000 })
    now += 10_000
    const probe = admitted(breaker)
    now += 300_000
    probe.firstToken(now)
    expect(breaker.state.name).toBe('closed')
  })

  it('ignores calls of before it opened', () => {
    const breaker = breakerOf()
    const late = [admitted(breaker), admitted(breaker)]
    call(breaker, failure, 10)
    now += 10_000
    const probe = admitted(breaker)
    late[0]?.settle(now, failure)
    late[1]?.firstToken(now)
    late[1]?.settle(now, success)
    expect(breaker.state).toEqual({ name: 'half-open', succeeded: 0, waiting: 1 })
    probe.firstToken(now)
    expect(breaker.state.name).toBe('closed')
  })

  it('sends no further probe before a Retry-After that a late failure told', () => {
    const breaker = breakerOf({ halfOpenProbes: 2 })
    const late = admitted(breaker)
    call(breaker, failure, 10)
    now += 10_000
    admitted(breaker)
    late.settle(now, { type: 'failure', retryAfterMs: 7_000 })
    expect(refused(breaker)).toEqual({ admitted: false, reason: 'half-open', retryAfterMs: 7_000 })
    expect(breaker.probeAvailableAt(now)).toBe(now + 7_000)
    expect(breaker.admitEarly(now).admitted).toBe(false)
    now += 7_000
    admitted(breaker)
  })
})

describe('a circuit that its probes have closed', () => {
  it('reopens when one of them fails before its stream has ended', () => {
    const breaker = opened()
    now += 10_000
    const probe = admitted(breaker)
    probe.firstToken(now)
    now += 30_000
    call(breaker, success, 50)
    probe.settle(now, failure)
    expect(breaker.state).toEqual({ name: 'open', until: now + 20_000 })
    expect(path().at(-1)).toBe('closed > open: probe-failed')
  })

  it('does not reopen for a probe whose stream ended well', () => {
    const breaker = opened()
    now += 10_000
    const probe = admitted(breaker)
    probe.firstToken(now)
    probe.settle(now, success)
    probe.settle(now, failure)
    call(breaker, failure, 9)
    expect(breaker.state.name).toBe('closed')
  })

  it('begins with an empty window', () => {
    const breaker = opened()
    now += 10_000
    admitted(breaker).settle(now, success)
    call(breaker, failure, 9)
    expect(breaker.state.name).toBe('closed')
    call(breaker, failure)
    expect(breaker.state.name).toBe('open')
  })

  it('does not hear a probe that had lapsed', () => {
    const breaker = opened({ probeLeaseMs: 60_000 })
    now += 10_000
    const lapsed = admitted(breaker)
    now += 60_000
    admitted(breaker).firstToken(now)
    lapsed.settle(now, failure)
    expect(breaker.state.name).toBe('closed')
  })

  it('does not hear the probes of an earlier time', () => {
    const breaker = opened()
    now += 10_000
    const probe = admitted(breaker)
    probe.firstToken(now)
    call(breaker, failure, 10)
    now += 10_000
    admitted(breaker).settle(now, success)
    probe.settle(now, failure)
    expect(breaker.state.name).toBe('closed')
  })

  it('has forgotten the Retry-After of before', () => {
    const breaker = breakerOf({ openForMs: 1_000, halfOpenProbes: 2 })
    const late = admitted(breaker)
    call(breaker, failure, 10)
    now += 1_000
    const probes = [admitted(breaker), admitted(breaker)]
    probes[0]?.firstToken(now)
    late.settle(now, { type: 'failure', retryAfterMs: 50_000 })
    probes[1]?.firstToken(now)
    expect(breaker.state.name).toBe('closed')
    call(breaker, failure, 10)
    expect(breaker.retryAfterMs(now)).toBe(1_000)
  })
})

describe('the open time', () => {
  const failProbe = (breaker: CircuitBreaker): number => {
    now = breaker.probeAvailableAt(now)
    admitted(breaker).settle(now, failure)
    return breaker.retryAfterMs(now)
  }

  it('doubles with each failed probe, up to six times the first by default', () => {
    const breaker = opened()
    expect([1, 2, 3, 4].map(() => failProbe(breaker))).toEqual([20_000, 40_000, 60_000, 60_000])
  })

  it('doubles up to the most that is set', () => {
    const breaker = opened({ maxOpenForMs: 25_000 })
    expect([1, 2].map(() => failProbe(breaker))).toEqual([20_000, 25_000])
  })

  it('stays bounded after a thousand failed probes and more', () => {
    const breaker = opened()
    let last = 0
    for (let probes = 0; probes < 1_100; probes++) last = failProbe(breaker)
    expect(last).toBe(60_000)
  })

  it('is shortened by chance, by less than a fifth', () => {
    random = 0.999_999
    const breaker = opened()
    expect(breaker.retryAfterMs(now)).toBe(10_000)
    const second = failProbe(breaker)
    expect(second).toBeGreaterThan(16_000)
    expect(second).toBeLessThan(16_001)
  })

  it('is never shortened below a Retry-After', () => {
    random = 0.999_999
    const breaker = opened()
    now += 10_000
    admitted(breaker).settle(now, { type: 'failure', retryAfterMs: 19_500 })
    expect(breaker.retryAfterMs(now)).toBe(19_500)
  })

  it('may be longer than its most for a Retry-After', () => {
    const breaker = breakerOf()
    call(breaker, { type: 'failure', retryAfterMs: 600_000 }, 10)
    expect(breaker.retryAfterMs(now)).toBe(600_000)
  })

  it('is the first again after a good close', () => {
    const breaker = opened()
    failProbe(breaker)
    now += 20_000
    admitted(breaker).settle(now, success)
    call(breaker, failure, 10)
    expect(breaker.retryAfterMs(now)).toBe(10_000)
  })

  it('is the first again when every closing probe is over, an aborted one too', () => {
    const breaker = opened({ halfOpenProbes: 2 })
    failProbe(breaker)
    now += 20_000
    const probes = [admitted(breaker), admitted(breaker)]
    probes[0]?.firstToken(now)
    probes[0]?.settle(now, success)
    probes[1]?.firstToken(now)
    probes[1]?.settle(now, ignored)
    call(breaker, failure, 10)
    expect(breaker.retryAfterMs(now)).toBe(10_000)
  })

  it('is not yet the first again while a closing probe is on its way', () => {
    const breaker = opened({ halfOpenProbes: 2 })
    failProbe(breaker)
    now += 20_000
    const probes = [admitted(breaker), admitted(breaker)]
    probes[0]?.firstToken(now)
    probes[1]?.firstToken(now)
    probes[1]?.settle(now, success)
    call(breaker, failure, 10)
    expect(breaker.retryAfterMs(now)).toBe(20_000)
  })

  it('is the first again when a closing probe was lost and its lease is over', () => {
    const breaker = opened()
    failProbe(breaker)
    now += 20_000
    admitted(breaker).firstToken(now)
    now += 120_000
    call(breaker, failure, 10)
    expect(breaker.retryAfterMs(now)).toBe(10_000)
  })
})

describe('isolation', () => {
  it('refuses everybody until it is released', () => {
    const breaker = breakerOf()
    breaker.isolate(now)
    breaker.isolate(now)
    now += 86_400_000
    const refusal = { admitted: false, reason: 'isolated', retryAfterMs: Number.POSITIVE_INFINITY }
    expect(refused(breaker)).toEqual(refusal)
    expect(breaker.admitEarly(now)).toEqual(refusal)
    expect(breaker.probeAvailableAt(now)).toBe(Number.POSITIVE_INFINITY)
    expect(breaker.state).toEqual({ name: 'isolated' })
    breaker.release(now)
    breaker.release(now)
    admitted(breaker)
    expect(path()).toEqual(['closed > isolated: isolated', 'isolated > closed: released'])
  })

  it('hears nothing of calls on their way', () => {
    const breaker = breakerOf({ minimumCalls: 1 })
    const calls = [admitted(breaker), admitted(breaker)]
    breaker.isolate(now)
    calls[0]?.settle(now, failure)
    breaker.release(now)
    calls[1]?.settle(now, failure)
    expect(breaker.state.name).toBe('closed')
  })

  it('forgets what was before it', () => {
    const breaker = opened()
    breaker.isolate(now)
    breaker.release(now)
    call(breaker, failure, 9)
    expect(breaker.state.name).toBe('closed')
    call(breaker, failure)
    expect(breaker.retryAfterMs(now)).toBe(10_000)
  })

  it('is not ended by releasing a circuit that is only open', () => {
    const breaker = opened()
    breaker.release(now)
    expect(breaker.state.name).toBe('open')
  })

  it('is ended by a reset, as everything is', () => {
    const breaker = breakerOf()
    breaker.isolate(now)
    breaker.reset(now)
    expect(breaker.state.name).toBe('closed')
    call(breaker, failure, 10)
    breaker.reset(now)
    expect(breaker.state.name).toBe('closed')
    call(breaker, failure, 9)
    breaker.reset(now)
    call(breaker, failure, 9)
    expect(breaker.state.name).toBe('closed')
    expect(path().filter(step => step.endsWith('reset'))).toEqual(['isolated > closed: reset', 'open > closed: reset'])
  })
})

describe('options', () => {
  it.each([
    [{ windowMs: 0 }, 'windowMs'],
    [{ minimumCalls: 0 }, 'minimumCalls'],
    [{ consecutiveFailures: 0 }, 'consecutiveFailures'],
    [{ minimumCalls: 1.5 }, 'minimumCalls'],
    [{ failureRate: 0 }, 'failureRate'],
    [{ failureRate: 1.1 }, 'failureRate'],
    [{ slowCallMs: -1 }, 'slowCallMs'],
    [{ slowCallRate: Number.NaN }, 'slowCallRate'],
    [{ openForMs: Number.POSITIVE_INFINITY }, 'openForMs'],
    [{ openForMs: 10_000, maxOpenForMs: 9_999 }, 'maxOpenForMs'],
    [{ halfOpenProbes: 0 }, 'halfOpenProbes'],
    [{ probeLeaseMs: 0 }, 'probeLeaseMs'],
  ])('%o are refused, naming %s', (options, name) => {
    expect(() => breakerOf(options)).toThrow(
      expect.objectContaining({ kind: 'invalid-request', param: `circuitBreaker.${name}` }),
    )
  })
})
