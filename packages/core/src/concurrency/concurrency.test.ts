import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { SwitchyardError } from '../contract/errors.ts'
import type { AttemptOutcome } from '../engine/admission.ts'
import type { Asked } from '../limits/asked.fixture.ts'
import { completed } from '../limits/limiter.fixture.ts'
import { concurrencyScene } from './concurrency.fixture.ts'
import { createConcurrency } from './concurrency.ts'
import type { ConcurrencyDefinition } from './concurrency-definition.ts'

const states = (...asked: readonly Asked[]) =>
  asked.map(({ state }) => (state instanceof SwitchyardError ? `${state.kind} ${state.code}` : state))
const full = 'rate-limit concurrency-limit'

function end(
  asked: Asked,
  here: { readonly clock: { monotonic(): number } },
  outcome: AttemptOutcome = completed(1),
): void {
  void asked.permit?.settle(outcome, here.clock.monotonic())
}

describe('a limit of concurrent attempts', () => {
  it('refuses at once, where nobody may wait, and says which limit and when to come again', () => {
    const here = concurrencyScene([{ limit: 2 }])
    const asked = [here.ask(), here.ask(), here.ask()]
    expect(states(...asked)).toEqual(['goes', 'goes', full])
    expect(asked[2]?.state).toMatchObject({
      message:
        'The concurrency limit "limit0" has no place: it allows 2 at once, and nobody may wait. Raise it, or try again in about 1 s.',
      provider: 'openai',
      model: 'gpt',
      retryAfterMs: 1_000,
    })
    expect(here.refused).toMatchObject([{ limit: 'limit0', quantity: 'concurrency', target: 'openai/gpt' }])
    expect(here.concurrency.standings()).toEqual([{ name: 'limit0', limit: 2, inFlight: 2, queued: 0 }])
  })

  it.each<[string, AttemptOutcome]>([
    ['completed', completed(1)],
    ['failed', { type: 'failed', error: new SwitchyardError('unavailable', ''), bill: 'nothing', durationMs: 1 }],
    ['cancelled', { type: 'cancelled', error: new SwitchyardError('aborted', ''), bill: 'unknown', durationMs: 1 }],
    ['withdrawn', { type: 'withdrawn' }],
  ])('gets its place back, once, from an attempt that %s', (_, outcome) => {
    const here = concurrencyScene([{ limit: 2 }, { adaptive: { initial: 2 } }])
    const first = here.ask()
    here.ask()
    end(first, here, outcome)
    end(first, here, outcome)
    expect(here.concurrency.standings().map(({ inFlight }) => inFlight)).toEqual([1, 1])
    expect(states(here.ask(), here.ask())).toEqual(['goes', full])
  })

  it('lets those who wait go in the order in which they came', async () => {
    const here = concurrencyScene([{ limit: 1, maxWaitMs: 10_000 }])
    const asked = [here.ask(), here.ask(), here.ask()]
    expect(here.concurrency.standings()).toMatchObject([{ inFlight: 1, queued: 2 }])
    end(asked[0] as Asked, here)
    // whoever comes now does not go before them
    const late = here.ask()
    await here.clock.advance(0)
    expect(states(...asked, late)).toEqual(['goes', 'goes', 'waits', 'waits'])
    end(asked[1] as Asked, here)
    await here.clock.advance(0)
    expect(states(...asked, late)).toEqual(['goes', 'goes', 'goes', 'waits'])
  })

  it('lets only so many wait, and only for so long', async () => {
    const here = concurrencyScene([{ limit: 1, maxWaitMs: 5_000, maxQueue: 1 }])
    const [, waits, refused] = [here.ask(), here.ask(), here.ask()]
    expect(refused?.state).toMatchObject({ message: expect.stringContaining('at once, and 1 wait already.') })
    await here.clock.advance(4_999)
    expect(states(waits as Asked)).toEqual(['waits'])
    await here.clock.advance(1)
    expect(waits?.state).toMatchObject({
      code: 'concurrency-limit',
      message: expect.stringContaining('none was free in time'),
    })
    expect(here.clock.pending).toBe(0)
    expect(here.concurrency.standings()).toMatchObject([{ inFlight: 1, queued: 0 }])
  })

  it('forgets at once a caller who leaves, and what it held of the caller', async () => {
    const here = concurrencyScene([{ limit: 1, maxWaitMs: 60_000, maxQueue: 2 }])
    const { signal, abort } = controller()
    const first = here.ask()
    const leaves = here.ask({ context: { signal } })
    const next = here.ask()
    abort()
    expect(here.concurrency.standings()).toMatchObject([{ queued: 1 }])
    expect(getEventListeners(signal, 'abort')).toEqual([])
    end(first, here)
    await here.clock.advance(0)
    expect(states(leaves, next)).toEqual(['aborted undefined', 'goes'])
    expect(here.clock.pending).toBe(0)
  })

  it('lets nobody wait who has left already, or whose time is over', async () => {
    const here = concurrencyScene([{ limit: 1, maxWaitMs: 60_000 }])
    here.ask()
    const { signal, abort } = controller()
    abort()
    const now = here.clock.monotonic()
    expect(states(here.ask({ context: { signal } }), here.ask({ context: { deadline: now } }))).toEqual([
      'aborted undefined',
      full,
    ])
    const patient = here.ask({ context: { deadline: now + 2_000 } })
    await here.clock.advance(2_000)
    expect(states(patient)).toEqual([full])
  })

  it('refuses at once where the turn would come after the time that is left', async () => {
    const here = concurrencyScene([{ limit: 2, maxWaitMs: 60_000 }])
    const first = [here.ask(), here.ask()]
    await here.clock.advance(10_000)
    for (const asked of first) end(asked, here)
    // a place is held for ten seconds: who has four before it waits for twenty
    for (let count = 0; count < 6; count++) here.ask()
    const deadline = here.clock.monotonic() + 20_000
    const late = here.ask({ context: { deadline } })
    expect(late.state).toMatchObject({
      message: expect.stringContaining('with 4 that wait its turn would come too late'),
      retryAfterMs: 25_000,
    })
    expect(states(here.ask({ context: { deadline: deadline + 1 } }))).toEqual(['waits'])
  })

  it('takes a place of each limit that holds, and keeps none where one refuses', async () => {
    const here = concurrencyScene(
      [{ limit: 1, maxWaitMs: 1_000 }, { limit: 2 }],
      [
        { scope: { type: 'model', name: 'openai/gpt' }, name: 'limit0' },
        { scope: { type: 'provider', name: 'openai' }, name: 'limit1' },
      ],
    )
    const gpt = here.ask()
    const waits = here.ask()
    // one that waits for a model keeps no place of the provider
    const mini = here.ask({ model: 'mini' })
    expect(states(gpt, waits, mini)).toEqual(['goes', 'waits', 'goes'])
    end(gpt, here)
    const other = here.ask({ model: 'other' })
    await here.clock.advance(0)
    expect(states(waits, other)).toEqual([full, 'goes'])
    expect(here.concurrency.standing('openai/gpt')).toEqual([
      { name: 'limit0', limit: 1, inFlight: 0, queued: 0 },
      { name: 'limit1', limit: 2, inFlight: 2, queued: 0 },
    ])
    expect(here.concurrency.standing('openai').map(({ name }) => name)).toEqual(['limit1'])
    expect(here.concurrency.standing('lab/tiny')).toEqual([])
  })

  it('lets token counts and attempts at nested chains pass', () => {
    const here = concurrencyScene([{ limit: 1 }])
    here.ask()
    expect(states(here.ask({ operation: 'count-tokens' }), here.ask({ nested: true }), here.ask())).toEqual([
      'goes',
      'goes',
      full,
    ])
  })

  it('that ends refuses all that wait, and lets nobody wait any more', async () => {
    const here = concurrencyScene([{ limit: 1, maxWaitMs: 60_000 }])
    const [, waits] = [here.ask(), here.ask()]
    here.concurrency.dispose()
    await here.clock.advance(0)
    expect(states(waits as Asked, here.ask())).toEqual([full, full])
    expect(here.clock.pending).toBe(0)
  })

  it.each<[Partial<ConcurrencyDefinition>, string]>([
    [{ limit: 0 }, 'The concurrency limit "it" needs a whole limit from 1, not 0.'],
    [{ limit: 1.5 }, 'The concurrency limit "it" needs a whole limit from 1, not 1.5.'],
    [{}, 'The concurrency limit "it" needs limit or adaptive.'],
    [{ limit: 1, maxQueue: -1 }, 'The concurrency limit "it" needs a whole maxQueue from 0, not -1.'],
    [{ limit: 1, maxWaitMs: Number.NaN }, 'The concurrency limit "it" needs a maxWaitMs from 0, not NaN.'],
    [{ adaptive: { min: 8, max: 4 } }, 'The concurrency limit "it" needs a whole adaptive.max from 8, not 4.'],
    [
      { adaptive: { min: 2, max: 4, initial: 5 } },
      'The concurrency limit "it" needs a whole adaptive.initial from 2 to 4, not 5.',
    ],
  ])('that cannot hold is refused when it is made: %j', (fields, message) => {
    const limits = [{ name: 'it', ...fields } as ConcurrencyDefinition]
    expect(() => createConcurrency({ limits, holdings: [] })).toThrow(message)
  })

  it('is refused with two of a name, and where nobody defined what is held', () => {
    const limit = { name: 'it', limit: 1 }
    const held = { scope: { type: 'all' }, name: 'that' } as const
    expect(() => createConcurrency({ limits: [limit, limit], holdings: [] })).toThrow('is defined twice')
    expect(() => createConcurrency({ limits: [limit], holdings: [held] })).toThrow('"that" is held and not defined')
  })
})

function controller(): { readonly signal: AbortSignal; readonly abort: () => void } {
  const made = new AbortController()
  return { signal: made.signal, abort: () => made.abort() }
}
