import { beforeEach, describe, expect, it } from 'vitest'
import type { BoardSnapshot } from '../breaker/circuit-standing.ts'
import { SwitchyardError } from '../contract/errors.ts'
import { EventHub } from '../events/event-hub.ts'
import type { CircuitEvent } from '../events/event-map.ts'
import { SharedCircuits } from '../testing/shared-circuits.ts'
import { VirtualClock } from '../testing/virtual-clock.ts'
import type { AdmissionPermit, AttemptInfo } from './admission.ts'
import { BreakerBoard } from './breaker-board.ts'

const info = {} as AttemptInfo
const settings = { minimumCalls: 2, openForMs: 10_000, windowMs: 60_000 }

let clock: VirtualClock
let fleet: SharedCircuits
let isolated: CircuitEvent[]

beforeEach(() => {
  clock = new VirtualClock()
  fleet = new SharedCircuits(clock)
  isolated = []
})

function boardOf(shared = false, on = clock): BreakerBoard {
  const events = new EventHub()
  events.on('circuit-isolated', event => isolated.push(event))
  return new BreakerBoard({ clock: on, random: () => 0, events, ...(shared && { sharing: fleet.join() }) })
}

const target = (board: BreakerBoard, model = 'gpt') => board.target('openai', model, settings)

async function fail(board: BreakerBoard, times: number, retryAfterMs?: number): Promise<void> {
  const error = new SwitchyardError('overloaded', 'No.', retryAfterMs === undefined ? {} : { retryAfterMs })
  for (let done = 0; done < times; done++) {
    const permit = (await target(board).admit(info, clock.monotonic())) as AdmissionPermit
    permit.settle({ type: 'failed', error, bill: 'nothing', durationMs: 1 }, clock.monotonic())
  }
}

const stateOf = (board: BreakerBoard, circuit = 'openai/gpt') =>
  board.states().find(standing => standing.circuit === circuit)

/** As a file would keep it. */
const kept = (board: BreakerBoard): BoardSnapshot => JSON.parse(JSON.stringify(board.snapshot()))

describe('the states of a board', () => {
  it('tell every circuit, what it guards, and how long an open one waits', async () => {
    const board = boardOf()
    await fail(board, 2)
    await clock.advance(4_000)
    expect(board.states()).toEqual([
      { circuit: 'openai (network)', guards: 'process', state: 'closed' },
      { circuit: 'openai', guards: 'account', state: 'closed' },
      { circuit: 'openai/gpt', guards: 'model', state: 'open', retryAfterMs: 6_000 },
    ])
    await clock.advance(6_000)
    await target(board).admit(info, clock.monotonic())
    expect(stateOf(board)).toMatchObject({ state: 'half-open', retryAfterMs: 10_000 })
  })
})

describe('an isolation by hand', () => {
  it.each([
    ['openai/gpt', 'its circuit is isolated'],
    ['openai', "its account's circuit is isolated"],
    ['openai (network)', "this process's circuit to its provider is isolated"],
  ])('of %s lets nothing through, early or not, until it is released', (key, says) => {
    const board = boardOf()
    const breaker = target(board)
    expect(board.isolate(key, 'a migration')).toMatchObject({ circuit: key, state: 'isolated', note: 'a migration' })
    for (const ask of [() => breaker.admit(info, clock.monotonic()), () => breaker.admitEarly(clock.monotonic())]) {
      expect(ask).toThrow(`openai/gpt is not asked until it is released: ${says}.`)
    }
    expect(isolated).toMatchObject([{ target: key, from: 'closed', reason: 'isolated', note: 'a migration' }])
    expect(board.release(key)).toEqual({ circuit: key, guards: expect.any(String), state: 'closed' })
    expect(breaker.admit(info, clock.monotonic())).toBeDefined()
  })

  it('keeps what was said last', () => {
    const board = boardOf()
    target(board)
    board.isolate('openai', 'one')
    expect(board.isolate('openai').note).toBe('one')
    expect(board.isolate('openai', 'another').note).toBe('another')
    expect(isolated).toHaveLength(1)
  })

  it('reaches every process, before and after it comes, and keeps their probes away', async () => {
    const [here, there] = [boardOf(true), boardOf(true)]
    const asks = [target(here), target(there)]
    await fail(there, 2)
    here.isolate('openai/gpt', 'a migration')
    const late = boardOf(true)
    asks.push(target(late))
    await clock.advance(60_000)
    for (const breaker of asks) {
      await expect(async () => breaker.admitEarly(clock.monotonic())).rejects.toThrow('until it is released')
    }
    expect([here, there, late].map(board => stateOf(board)?.state)).toEqual(['isolated', 'isolated', 'isolated'])
    there.release('openai/gpt')
    expect([here, there, late].map(board => stateOf(board))).toEqual(
      [1, 2, 3].map(() => ({ circuit: 'openai/gpt', guards: 'model', state: 'closed' })),
    )
  })

  it('of an account holds on a board that keeps models alone', () => {
    const board = boardOf()
    const apart = new BreakerBoard({ clock, random: () => 0, accounts: board })
    const breaker = target(apart, 'invented')
    board.isolate('openai')
    expect(() => breaker.admit(info, clock.monotonic())).toThrow("its account's circuit is isolated")
    expect([...board.states(), ...apart.states()].map(({ circuit }) => circuit)).toEqual([
      'openai (network)',
      'openai',
      'openai/invented',
    ])
    expect(() => board.isolate('openai/invented')).toThrow('There is no circuit "openai/invented"')
  })

  it('of what nobody knows is refused, with the nearest names', () => {
    const board = boardOf()
    expect(() => board.isolate('openai/gtp')).toThrow('There is no circuit "openai/gtp"; there are none yet.')
    for (const model of ['gpt', 'gpt-mini', 'o3', 'x']) target(board, model)
    expect(() => board.release('openai/gtp')).toThrow(
      'There is no circuit "openai/gtp"; nearest are openai/gpt, openai/gpt-mini, openai/o3, openai/x, openai (network).',
    )
  })

  it('does not end what was not isolated', async () => {
    const board = boardOf()
    await fail(board, 2)
    expect(board.release('openai/gpt').state).toBe('open')
  })
})

describe('a board that goes on from a snapshot', () => {
  it('opens after the failures of both, waits as long as the first would, and stays isolated', async () => {
    const first = boardOf()
    target(first, 'mini')
    await fail(first, 2, 40_000)
    first.isolate('openai (network)')
    const snapshot = kept(first)
    expect(Object.keys(snapshot.circuits)).toEqual(['openai (network)', 'openai/gpt'])
    await clock.advance(15_000)
    const later = new VirtualClock({ monotonic: 5, wall: clock.wall() })
    const second = boardOf(false, later)
    target(second)
    second.restore(snapshot)
    expect(second.states()).toMatchObject([
      { circuit: 'openai (network)', state: 'isolated' },
      { circuit: 'openai', state: 'closed' },
      { circuit: 'openai/gpt', state: 'open', retryAfterMs: 25_000 },
    ])
  })

  it.each([
    ['a while ago', 30_000, 'open'],
    ['longer ago than its window', 70_000, 'closed'],
  ])('counts what failed %s', async (_, agoMs, state) => {
    const first = boardOf()
    await fail(first, 1)
    const snapshot = kept(first)
    await clock.advance(agoMs)
    const second = boardOf()
    second.restore(snapshot)
    await fail(second, 1)
    expect(stateOf(second)?.state).toBe(state)
  })

  it.each([
    ['alone', false],
    ['that shares its circuits', true],
  ])('knows why somebody has isolated what still is, in a process %s', (_, shared) => {
    const first = boardOf(shared)
    target(first)
    first.isolate('openai/gpt', 'a migration')
    first.isolate('openai', 'the key is renewed')
    const snapshot = kept(first)
    if (shared) first.release('openai')
    const [known, later] = [boardOf(shared), boardOf(shared)]
    target(known)
    for (const board of [known, later]) board.restore(snapshot)
    expect(kept(later).circuits).toEqual(shared ? {} : snapshot.circuits)
    target(later)
    expect(stateOf(known)?.note).toBe('a migration')
    expect(stateOf(known, 'openai')?.note).toBe(shared ? undefined : 'the key is renewed')
    if (!shared) expect(stateOf(later)?.note).toBe('a migration')
    known.release('openai/gpt')
    expect(stateOf(known)).toEqual({ circuit: 'openai/gpt', guards: 'model', state: 'closed' })
    expect(kept(known).notes).toEqual(shared ? undefined : { openai: 'the key is renewed' })
  })

  it('remembers what nobody has asked for yet, with the settings of whoever asks first', async () => {
    const first = boardOf()
    await fail(first, 2)
    first.isolate('openai')
    const second = boardOf()
    second.restore(kept(first))
    expect(second.states()).toEqual([])
    // over another restart too
    const third = boardOf()
    third.restore(kept(second))
    target(third)
    expect(stateOf(third, 'openai')?.state).toBe('isolated')
    target(second)
    expect(stateOf(second)?.state).toBe('open')
    second.release('openai')
    expect(Object.keys(kept(second).circuits)).toEqual(['openai/gpt'])
  })

  it('changes nothing that others have told meanwhile, and isolates nothing that they have released', async () => {
    const first = boardOf(true)
    await fail(first, 1)
    first.isolate('openai')
    const snapshot = kept(first)
    first.release('openai')
    first.isolate('openai/gpt')
    const second = boardOf(true)
    target(second)
    second.restore(snapshot)
    const third = boardOf(true)
    third.restore(snapshot)
    target(third)
    for (const board of [second, third]) {
      expect([stateOf(board)?.state, stateOf(board, 'openai')?.state]).toEqual(['isolated', 'closed'])
    }
  })

  it('takes a wall clock that was set back', async () => {
    const first = boardOf()
    await fail(first, 2)
    const snapshot = { ...kept(first), at: clock.wall() + 3_600_000 }
    const second = boardOf()
    target(second)
    second.restore(snapshot)
    expect(stateOf(second)?.retryAfterMs).toBe(10_000)
  })

  it.each([null, {}, { version: 2, at: 1, circuits: {} }, { version: 1, at: 1, circuits: { openai: { version: 1 } } }])(
    'takes nothing of what is no snapshot: %j',
    value => {
      const board = boardOf()
      expect(() => board.restore(value as never)).toThrow(SwitchyardError)
    },
  )
})
