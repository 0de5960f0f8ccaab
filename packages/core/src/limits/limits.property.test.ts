import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AdmissionPermit, AttemptOutcome } from '../engine/admission.ts'
import { Asked, remote } from './asked.fixture.ts'
import { attempt, completed, limiterScene } from './limiter.fixture.ts'

interface Sent {
  readonly at: number
  /** What it uses in the end, or may: counted in the moment it was sent. */
  tokens: number
}

interface Plan {
  readonly afterMs: number
  readonly most: number
  /** Its share of the most that it uses. */
  readonly uses: number
  readonly lastsMs: number
  readonly ends: 'completed' | 'silent' | 'refused' | 'withdrawn'
  readonly leavesMs: number | undefined
}

const plan: fc.Arbitrary<Plan> = fc.record({
  afterMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 4_000 }), fc.integer({ min: 0, max: 40_000 })),
  most: fc.integer({ min: 0, max: 400 }),
  uses: fc.double({ min: 0, max: 1, noNaN: true }),
  lastsMs: fc.oneof(fc.integer({ min: 0, max: 5_000 }), fc.integer({ min: 0, max: 400_000 })),
  ends: fc.constantFrom('completed', 'completed', 'silent', 'refused', 'withdrawn'),
  leavesMs: fc.option(fc.integer({ min: 0, max: 30_000 }), { nil: undefined }),
})

const ends: Readonly<Record<Exclude<Plan['ends'], 'completed'>, AttemptOutcome>> = {
  silent: { type: 'completed', durationMs: 1 },
  refused: { type: 'failed', error: new Error() as never, bill: 'nothing', durationMs: 1 },
  withdrawn: { type: 'withdrawn' },
}

/** The most that any time of this length holds, both ends included. */
function mostIn(sent: readonly Sent[], windowMs: number): number {
  let most = 0
  for (const { at } of sent) {
    const inside = sent.filter(other => other.at >= at && other.at <= at + windowMs)
    most = Math.max(
      most,
      inside.reduce((sum, { tokens }) => sum + tokens, 0),
    )
  }
  return most
}

describe.each([
  ['in memory', {}],
  ['that answers later', { through: remote }],
])('a strict limit %s', (_, through) => {
  it('is passed in no rolling minute, whoever leaves and however late they settle', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(plan, { minLength: 1, maxLength: 40 }),
        fc.constantFrom(0, 20_000, 90_000),
        fc.integer({ min: 0, max: 70_000 }),
        async (plans, maxWaitMs, phase) => {
          const strict = { mode: 'strict', tokensPerMinute: 500, requestsPerMinute: 8, maxWaitMs } as const
          const here = limiterScene([strict], through)
          const { clock } = here
          await clock.advance(phase)
          const sent: Sent[] = []
          const asked: Asked[] = []
          for (const { afterMs, most, uses, lastsMs, ends: ending, leavesMs } of plans) {
            await clock.advance(afterMs)
            const controller = new AbortController()
            const one = new Asked(
              here,
              attempt({ expected: most / 2, most }, { context: { signal: controller.signal } }),
            )
            asked.push(one)
            if (leavesMs !== undefined) clock.timer(leavesMs, () => one.state === 'waits' && controller.abort())
            void one.ended.then(() => {
              const { permit } = one
              if (permit === undefined) return
              // it is sent the moment it is let through
              const record = { at: one.endedAt as number, tokens: most }
              sent.push(record)
              clock.timer(lastsMs, () => {
                const used = Math.floor(most * uses)
                if (ending !== 'silent') record.tokens = ending === 'completed' ? used : 0
                if (ending === 'withdrawn') sent.splice(sent.indexOf(record), 1)
                permit.settle(ending === 'completed' ? completed(used) : ends[ending], clock.monotonic())
              })
            })
          }
          await clock.runAll()
          expect(mostIn(sent, 60_000)).toBeLessThanOrEqual(500)
          expect(
            mostIn(
              sent.map(({ at }) => ({ at, tokens: 1 })),
              60_000,
            ),
          ).toBeLessThanOrEqual(8)
          // nobody is left behind, and nothing is kept
          expect(asked.filter(({ state }) => state === 'waits')).toEqual([])
          await clock.advance(62_000)
          expect((await here.limiter.standings()).map(({ left }) => left)).toEqual([8, 500])
        },
      ),
      { numRuns: 40 },
    )
  })
})

describe('a limit under a load that never ends', () => {
  it.each([
    ['requests', { requestsPerMinute: 600 }, 1, 600],
    ['tokens', { tokensPerMinute: 60_000 }, 250, 60_000],
    ['tokens of a strict limit, all used', { tokensPerMinute: 60_000, mode: 'strict' }, 250, 60_000],
  ] as const)('of %s lets through at least nine tenths of it, and never more', async (_, limit, tokens, perMinute) => {
    const here = limiterScene([{ ...limit, maxWaitMs: 120_000, maxQueue: 200 }])
    let used = 0
    const uses = (permit: AdmissionPermit): void => {
      void permit.settle(completed(tokens), 0)
      used += tokens
    }
    const minutes = 4
    for (let tenth = 0; tenth < minutes * 600; tenth++) {
      // twice of what it allows is asked for, evenly
      for (let count = 0; count < Math.ceil((perMinute / tokens / 600) * 2); count++) {
        try {
          const permit = here.limiter.admit(attempt(tokens), 0)
          if (permit instanceof Promise) permit.then(uses, () => undefined)
          else uses(permit)
        } catch {
          // there was no room
        }
      }
      await here.clock.advance(100)
    }
    expect(used).toBeGreaterThanOrEqual(0.9 * perMinute * minutes)
    expect(used).toBeLessThanOrEqual(perMinute * minutes + perMinute)
  })
})
