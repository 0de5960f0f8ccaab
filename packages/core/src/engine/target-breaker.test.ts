import { describe, expect, it } from 'vitest'
import { type ErrorKind, errorTable, type HealthScope, type TimeoutPhase } from '../contract/error-table.ts'
import { type ErrorDetails, SwitchyardError } from '../contract/errors.ts'
import { VirtualClock } from '../testing/virtual-clock.ts'
import type { AdmissionPermit, AttemptInfo, AttemptOutcome } from './admission.ts'
import { BreakerBoard } from './breaker-board.ts'

/** Which circuits two attempts open that end like this. */
function opened(outcome: AttemptOutcome): readonly string[] {
  const clock = new VirtualClock()
  const board = new BreakerBoard({ clock, random: () => 0 })
  const target = board.target('openai', 'gpt', { minimumCalls: 2 })
  for (let attempt = 0; attempt < 2; attempt++) {
    const permit = target.admit({} as AttemptInfo, clock.monotonic()) as AdmissionPermit
    permit.settle(outcome, clock.monotonic())
  }
  return board.states().flatMap(({ guards, state }) => (state === 'open' ? [guards] : []))
}

function failure(kind: ErrorKind, details: ErrorDetails = {}): AttemptOutcome {
  return { type: 'failed', error: new SwitchyardError(kind, 'No.', details), bill: 'nothing', durationMs: 1 }
}

const only = (health: HealthScope): readonly string[] => (health === 'none' ? [] : [health])

// as the design says; whoever changes the table changes this
const health: Readonly<Record<ErrorKind, HealthScope>> = {
  aborted: 'none',
  timeout: 'model',
  'rate-limit': 'model',
  quota: 'account',
  overloaded: 'model',
  unavailable: 'model',
  network: 'process',
  truncated: 'model',
  protocol: 'model',
  authentication: 'account',
  permission: 'none',
  'not-found': 'none',
  'invalid-request': 'none',
  'context-length': 'none',
  'content-filter': 'none',
  unsupported: 'none',
  'circuit-open': 'none',
  'budget-exceeded': 'none',
  exhausted: 'none',
}

const ofPhase: Readonly<Record<TimeoutPhase, HealthScope>> = {
  connect: 'process',
  headers: 'model',
  'first-token': 'model',
  idle: 'model',
  throughput: 'model',
  total: 'model',
  'consumer-idle': 'none',
}

describe('the circuits before a target', () => {
  it('are told of every kind of error', () => {
    expect(Object.keys(health).sort()).toEqual(Object.keys(errorTable).sort())
  })

  it.each(Object.entries(health) as [ErrorKind, HealthScope][])(
    'after %s errors count it against: %s',
    (kind, whose) => {
      expect(opened(failure(kind))).toEqual(only(whose))
    },
  )

  it.each(Object.entries(ofPhase) as [TimeoutPhase, HealthScope][])(
    'after a time limit for %s count it against: %s',
    (phase, whose) => {
      expect(opened(failure('timeout', { phase }))).toEqual(only(whose))
    },
  )

  it.each([
    [400, 'invalid-request'],
    [403, 'permission'],
    [404, 'not-found'],
    [413, 'context-length'],
  ] as const)('hold a %d of the caller’s making against nobody', (status, kind) => {
    expect(opened(failure(kind, { status }))).toEqual([])
  })

  it.each<AttemptOutcome>([
    { type: 'cancelled', error: new SwitchyardError('timeout', ''), bill: 'unknown', durationMs: 1 },
    { type: 'cancelled', error: new SwitchyardError('aborted', ''), bill: 'unknown', durationMs: 1 },
    { type: 'withdrawn' },
    { type: 'completed', durationMs: 1 },
  ])('hear nothing bad of an attempt that was $type', outcome => {
    expect(opened(outcome)).toEqual([])
  })
})
