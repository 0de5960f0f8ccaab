import { beforeEach, describe, expect, it } from 'vitest'
import type { ErrorKind } from '../contract/error-table.ts'
import { SwitchyardError } from '../contract/errors.ts'
import { EventHub } from '../events/event-hub.ts'
import { SharedCircuits } from '../testing/shared-circuits.ts'
import { VirtualClock } from '../testing/virtual-clock.ts'
import type { AdmissionPermit, AttemptInfo, AttemptOutcome } from './admission.ts'
import { BreakerBoard } from './breaker-board.ts'
import type { TargetBreaker } from './target-breaker.ts'

const info = {} as AttemptInfo
const settings = { minimumCalls: 2, openForMs: 10_000 }

let clock: VirtualClock
let fleet: SharedCircuits

beforeEach(() => {
  clock = new VirtualClock()
  fleet = new SharedCircuits(clock)
})

function boardOf(events = new EventHub()): BreakerBoard {
  return new BreakerBoard({ clock, random: () => 0, events, sharing: fleet.join() })
}

const targetOf = (board: BreakerBoard): TargetBreaker => board.target('openai', 'gpt', settings)

function failure(kind: ErrorKind, retryAfterMs?: number): AttemptOutcome {
  const error = new SwitchyardError(kind, 'No.', retryAfterMs === undefined ? {} : { retryAfterMs })
  return { type: 'failed', error, bill: 'nothing', durationMs: 1 }
}

async function admitted(target: TargetBreaker): Promise<AdmissionPermit> {
  return target.admit(info, clock.monotonic())
}

async function fail(target: TargetBreaker, kind: ErrorKind = 'overloaded', times = 2): Promise<void> {
  for (let done = 0; done < times; done++) await (await admitted(target)).settle(failure(kind), clock.monotonic())
}

async function refusal(target: TargetBreaker): Promise<SwitchyardError> {
  try {
    await admitted(target)
  } catch (error) {
    return error as SwitchyardError
  }
  throw new Error('Let through.')
}

const states = (board: BreakerBoard): Record<string, string> =>
  Object.fromEntries([...board.entries()].map(([key, { state }]) => [key, state.name]))

const completed = { type: 'completed', durationMs: 1 } as const

describe('the breaker of a process’s own network', () => {
  it('opens alone where calls never reach the provider', async () => {
    const board = boardOf()
    await fail(targetOf(board), 'network')
    expect(states(board)).toEqual({ 'openai (network)': 'open', openai: 'closed', 'openai/gpt': 'closed' })
    expect((await refusal(targetOf(board))).message).toContain("this process's circuit to its provider is open")
  })

  it('stops calls to all models of the provider, and to nobody else', async () => {
    const board = boardOf()
    await fail(targetOf(board), 'network')
    await refusal(board.target('openai', 'other', settings))
    await admitted(board.target('anthropic', 'claude', settings))
  })

  it('is no other process’s trouble', async () => {
    const [here, there] = [boardOf(), boardOf()]
    await fail(targetOf(here), 'network')
    expect((await admitted(targetOf(there))).settle).toBeDefined()
    expect(states(there)['openai (network)']).toBe('closed')
  })

  it('is not opened by what a provider says', async () => {
    const board = boardOf()
    await fail(targetOf(board), 'overloaded')
    expect(states(board)['openai (network)']).toBe('closed')
  })

  it('asks nobody before it probes', async () => {
    const board = boardOf()
    await fail(targetOf(board), 'network')
    await clock.advance(10_000)
    expect(targetOf(board).admit(info, clock.monotonic())).not.toBeInstanceOf(Promise)
  })
})

describe('breakers of several processes', () => {
  it('ask nobody while they are closed', () => {
    expect(targetOf(boardOf()).admit(info, clock.monotonic())).not.toBeInstanceOf(Promise)
  })

  it.each(['overloaded', 'authentication'] as const)('open together for %s', async kind => {
    const [here, there] = [boardOf(), boardOf()]
    targetOf(there)
    await clock.advance(1_000)
    await fail(targetOf(here), kind)
    expect((await refusal(targetOf(there))).retryAfterMs).toBe(10_000)
    expect(targetOf(there).retryAfterMs(clock.monotonic())).toBe(10_000)
  })

  it('tell a process that comes later, also of targets that it names later', async () => {
    const [here, later] = [boardOf(), boardOf()]
    await fail(targetOf(here))
    await clock.advance(4_000)
    expect((await refusal(targetOf(later))).retryAfterMs).toBe(6_000)
    expect((await refusal(targetOf(boardOf()))).retryAfterMs).toBe(6_000)
  })

  it('say that another process was it', async () => {
    const events = new EventHub()
    const told: unknown[] = []
    events.on('circuit-opened', event => told.push(event))
    targetOf(boardOf(events))
    await fail(targetOf(boardOf()))
    expect(told).toMatchObject([{ target: 'openai/gpt', from: 'closed', reason: 'adopted', openForMs: 10_000 }])
  })

  it('keep the later deadline, and never end before a Retry-After', async () => {
    const [here, there] = [boardOf(), boardOf()]
    const late = await admitted(targetOf(there))
    await fail(targetOf(here))
    await late.settle(failure('rate-limit', 40_000), clock.monotonic())
    expect((await refusal(targetOf(here))).retryAfterMs).toBe(40_000)
    await clock.advance(15_000)
    expect(() => targetOf(here).admitEarly(clock.monotonic())).toThrow('its circuit is open')
  })

  it('send one probe for all, whose success closes them all', async () => {
    const boards = [boardOf(), boardOf(), boardOf()]
    const targets = boards.map(targetOf)
    await fail(targets[0] as TargetBreaker)
    await clock.advance(10_000)
    const asked = await Promise.allSettled(targets.flatMap(target => [admitted(target), admitted(target)]))
    const probes = asked.filter(result => result.status === 'fulfilled').map(result => result.value)
    expect(probes).toHaveLength(1)
    await probes[0]?.settle(completed, clock.monotonic())
    for (const board of boards) expect(states(board)['openai/gpt']).toBe('closed')
    for (const target of targets) await admitted(target)
  })

  it('open again together when the probe fails', async () => {
    const boards = [boardOf(), boardOf()]
    const targets = boards.map(targetOf) as [TargetBreaker, TargetBreaker]
    await fail(targets[0])
    await clock.advance(10_000)
    const probe = await admitted(targets[1])
    await probe.settle(failure('overloaded'), clock.monotonic())
    expect((await refusal(targets[0])).retryAfterMs).toBe(20_000)
    expect((await refusal(targets[1])).retryAfterMs).toBe(20_000)
  })

  it('give the probe to another process when the first one’s caller leaves', async () => {
    const targets = [boardOf(), boardOf()].map(targetOf) as [TargetBreaker, TargetBreaker]
    await fail(targets[0])
    await clock.advance(10_000)
    const probe = await admitted(targets[0])
    expect((await refusal(targets[1])).retryAfterMs).toBe(1_000)
    await probe.settle({ type: 'withdrawn' }, clock.monotonic())
    await clock.advance(1_000)
    await admitted(targets[1])
  })

  it('do not ask again and again while another process probes', async () => {
    const sharing = fleet.join()
    let asked = 0
    const board = new BreakerBoard({
      clock,
      random: () => 0,
      sharing: {
        ...sharing,
        probe: (...question) => {
          asked++
          return sharing.probe(...question)
        },
      },
    })
    const [here, there] = [targetOf(board), targetOf(boardOf())]
    await fail(there)
    await clock.advance(10_000)
    await admitted(there)
    for (let times = 0; times < 10; times++) await refusal(here)
    expect(asked).toBe(1)
  })

  it('give the probe to another when the prober’s lease has ended', async () => {
    const targets = [boardOf(), boardOf()].map(targetOf) as [TargetBreaker, TargetBreaker]
    await fail(targets[0])
    await clock.advance(10_000)
    await admitted(targets[0])
    await clock.advance(120_000)
    await admitted(targets[1])
  })

  it('let one early probe through for all', async () => {
    const targets = [boardOf(), boardOf()].map(targetOf) as [TargetBreaker, TargetBreaker]
    await fail(targets[0])
    await targets[0].admitEarly(clock.monotonic())
    await expect(targets[1].admitEarly(clock.monotonic())).rejects.toMatchObject({ kind: 'circuit-open' })
  })

  it('are isolated and released together', async () => {
    const [here, there] = [boardOf(), boardOf()]
    const target = targetOf(there)
    here.breaker('openai/gpt').isolate(clock.monotonic())
    expect((await refusal(target)).message).toContain('until it is released')
    there.breaker('openai/gpt').release(clock.monotonic())
    expect(states(here)['openai/gpt']).toBe('closed')
  })

  it('do not open a circuit that somebody isolated', async () => {
    const [here, there] = [boardOf(), boardOf()]
    const late = [await admitted(targetOf(there)), await admitted(targetOf(there))]
    here.breaker('openai/gpt').isolate(clock.monotonic())
    for (const permit of late) await permit.settle(failure('overloaded'), clock.monotonic())
    expect([states(here)['openai/gpt'], states(there)['openai/gpt']]).toEqual(['isolated', 'isolated'])
  })

  it('keep a restored state to themselves', () => {
    const [here, there] = [boardOf(), boardOf()]
    targetOf(there)
    const now = clock.monotonic()
    here
      .breaker('openai/gpt')
      .restore({ version: 1, state: { name: 'open', remainingMs: 5_000 }, failedProbes: 0, retryAfterMs: 0 }, now)
    expect(states(there)['openai/gpt']).toBe('closed')
  })

  it('go on by themselves once the board is disposed', async () => {
    const [here, there] = [boardOf(), boardOf()]
    const target = targetOf(there)
    there.dispose()
    await fail(targetOf(here))
    await admitted(target)
  })

  it('pass on what a probe that could not be asked for says', async () => {
    const sharing = fleet.join()
    const board = new BreakerBoard({
      clock,
      random: () => 0,
      sharing: { ...sharing, probe: () => Promise.reject(new Error('Gone.')) },
    })
    await fail(targetOf(board))
    await clock.advance(10_000)
    await expect(admitted(targetOf(board))).rejects.toThrow('Gone.')
  })
})
