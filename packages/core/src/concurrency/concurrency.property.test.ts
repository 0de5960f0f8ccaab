import { getEventListeners } from 'node:events'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { SwitchyardError } from '../contract/errors.ts'
import type { AttemptOutcome } from '../engine/admission.ts'
import type { Asked } from '../limits/asked.fixture.ts'
import { completed } from '../limits/limiter.fixture.ts'
import type { Holding } from '../scope/scope.ts'
import { concurrencyScene, type LimitFields } from './concurrency.fixture.ts'

interface Plan {
  readonly afterMs: number
  readonly model: 'gpt' | 'mini'
  readonly answersMs: number
  readonly lastsMs: number
  readonly leavesMs: number | undefined
  readonly patienceMs: number | undefined
  readonly ends: keyof typeof ends
}

const failed = (kind: 'overloaded' | 'unavailable' | 'rate-limit'): AttemptOutcome => ({
  type: 'failed',
  error: new SwitchyardError(kind, ''),
  bill: 'nothing',
  durationMs: 1,
})
const ends = {
  completed: completed(1),
  overloaded: failed('overloaded'),
  'rate-limit': failed('rate-limit'),
  unavailable: failed('unavailable'),
  cancelled: { type: 'cancelled', error: new SwitchyardError('aborted', ''), bill: 'unknown', durationMs: 1 },
  withdrawn: { type: 'withdrawn' },
} as const satisfies Record<string, AttemptOutcome>

const ms = (max: number) => fc.integer({ min: 0, max })
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined })
const plan: fc.Arbitrary<Plan> = fc.record({
  afterMs: fc.oneof(fc.constant(0), ms(300)),
  model: fc.constantFrom('gpt', 'mini'),
  answersMs: ms(400),
  lastsMs: ms(2_000),
  leavesMs: maybe(ms(1_500)),
  patienceMs: maybe(ms(1_500)),
  ends: fc.constantFrom(...(Object.keys(ends) as (keyof typeof ends)[])),
})
const limit: fc.Arbitrary<LimitFields> = fc
  .tuple(
    fc.oneof(
      fc.integer({ min: 1, max: 4 }).map(places => ({ limit: places })),
      fc.integer({ min: 1, max: 4 }).map(initial => ({ adaptive: { max: 6, initial } })),
    ),
    fc.record({ maxWaitMs: fc.constantFrom(0, 200, 5_000), maxQueue: ms(6) }),
  )
  .map(([places, waiting]) => ({ ...places, ...waiting }))

const modelBeforeProvider: readonly Holding[] = [
  { scope: { type: 'model', name: 'openai/gpt' }, name: 'limit0' },
  { scope: { type: 'provider', name: 'openai' }, name: 'limit1' },
]

it.each([
  ['of all', ['limit0'], [{ scope: { type: 'all' }, name: 'limit0' }] as const],
  ['of a model and its provider', ['limit0', 'limit1'], modelBeforeProvider],
])(
  'the limits %s are never passed, nobody overtakes, waits for a free place, or is left behind',
  async (_, names, holdings) => {
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(...names.map(() => limit)),
        fc.array(plan, { minLength: 1, maxLength: 30 }),
        async (limits, plans) => {
          const here = concurrencyScene(limits, holdings)
          const { clock, concurrency } = here
          // a model of its own: who holds a place of which limit
          const held = new Map<string, number>(names.map(name => [name, 0]))
          const asked: {
            readonly one: Asked
            readonly model: string
            readonly leaves: number
            readonly until: number
          }[] = []
          const signals: AbortSignal[] = []
          const went: number[] = []
          for (const { afterMs, model, leavesMs, patienceMs, answersMs, lastsMs, ends: ending } of plans) {
            await clock.advance(afterMs)
            const now = clock.monotonic()
            const { abort, signal } = controller()
            signals.push(signal)
            const deadline = now + (patienceMs ?? Number.POSITIVE_INFINITY)
            const one = here.ask({ model, context: { signal, deadline } })
            const leaves = leavesMs === undefined ? Number.POSITIVE_INFINITY : now + leavesMs
            asked.push({ one, model, leaves, until: deadline })
            const number = asked.length
            const holds = names.filter(
              name => name === (names.length === 1 || model === 'gpt' ? 'limit0' : 'limit1') || name === 'limit1',
            )
            if (leavesMs !== undefined) clock.timer(leavesMs, () => one.state === 'waits' && abort())
            void one.ended.then(() => {
              const { permit } = one
              if (permit === undefined) return
              went.push(number)
              for (const name of holds) held.set(name, (held.get(name) as number) + 1)
              clock.timer(Math.min(answersMs, lastsMs), () => permit.firstToken?.(clock.monotonic()))
              clock.timer(lastsMs, () => {
                for (const name of holds) held.set(name, (held.get(name) as number) - 1)
                void permit.settle(ends[ending], clock.monotonic())
              })
            })
          }
          for (;;) {
            await clock.advance(0)
            for (const [at, { name, limit: places, inFlight, queued }] of concurrency.standings().entries()) {
              const most = limits[at]?.adaptive?.max ?? places
              expect(inFlight).toBeLessThanOrEqual(most)
              // whoever waits for the next limit keeps its place of the first
              const waitsFurther = at === 0 && names.length > 1 ? (concurrency.standings()[1]?.queued ?? 0) : 0
              expect(inFlight - (held.get(name) as number)).toBeGreaterThanOrEqual(0)
              expect(inFlight - (held.get(name) as number)).toBeLessThanOrEqual(waitsFurther)
              if (queued > 0) expect(inFlight).toBeGreaterThanOrEqual(places)
            }
            if (clock.nextIn === undefined) break
            await clock.advance(clock.nextIn)
          }
          for (const { one, leaves, until } of asked) {
            expect(one.state).not.toBe('waits')
            // whoever leaves, or has no time left, is gone in that moment
            expect(one.endedAt).toBeLessThanOrEqual(Math.min(leaves, until))
          }
          if (names.length === 1) expect(went).toEqual(went.toSorted((one, other) => one - other))
          expect(concurrency.standings().map(({ inFlight, queued }) => inFlight + queued)).toEqual(names.map(() => 0))
          expect(signals.flatMap(signal => getEventListeners(signal, 'abort'))).toEqual([])
        },
      ),
      { numRuns: 150 },
    )
  },
)

function controller(): { readonly signal: AbortSignal; readonly abort: () => void } {
  const made = new AbortController()
  return { signal: made.signal, abort: () => made.abort() }
}
