import { beforeEach, describe, expect, it } from 'vitest'
import type { CircuitSharing } from '../breaker/circuit-sharing.ts'
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

/** A board that asks for its probes in this way. */
function asking(probe: CircuitSharing['probe'], sharing = fleet.join()): BreakerBoard {
  return new BreakerBoard({ clock, random: () => 0, sharing: { ...sharing, probe } })
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

  it.each([
    [400, 'invalid-request'],
    [429, 'rate-limit'],
    [500, 'unavailable'],
  ] as const)('closes when the provider answers, be it with a %d', async (status, kind) => {
    const board = boardOf()
    await fail(targetOf(board), 'network')
    await clock.advance(10_000)
    const error = new SwitchyardError(kind, 'No.', { status })
    const probe = await admitted(targetOf(board))
    probe.settle({ type: 'failed', error, bill: 'nothing', durationMs: 1 }, clock.monotonic())
    expect(states(board)).toEqual({ 'openai (network)': 'closed', openai: 'closed', 'openai/gpt': 'closed' })
  })

  it('stays as it is where a probe ends without a word', async () => {
    const board = boardOf()
    await fail(targetOf(board), 'network')
    await clock.advance(10_000)
    const probe = await admitted(targetOf(board))
    probe.settle(failure('protocol'), clock.monotonic())
    expect(states(board)['openai (network)']).toBe('half-open')
  })

  it('asks nobody before it probes', async () => {
    const board = boardOf()
    await fail(targetOf(board), 'network')
    await clock.advance(10_000)
    expect(targetOf(board).admit(info, clock.monotonic())).not.toBeInstanceOf(Promise)
  })
})

describe('a board', () => {
  it('has one breaker for all that name it, with the settings of the first', () => {
    const board = new BreakerBoard({ clock, random: () => 0 })
    const account = board.account('openai', { minimumCalls: 1, slowCallMs: 5 })
    expect(board.breaker('openai')).toBe(account)
    const permit = account.admit(0)
    if (permit.admitted) permit.settle(60_000, { type: 'success' })
    expect(account.state.name).toBe('closed')
    board.dispose()
  })

  it('tells nobody what nobody listens to', async () => {
    const board = new BreakerBoard({ clock, random: () => 0 })
    await fail(targetOf(board))
    expect(states(board)['openai/gpt']).toBe('open')
  })

  it('forgets what it was told of a breaker that is well again, or was released, before anybody asked', async () => {
    const [here, later] = [boardOf(), boardOf()]
    await fail(targetOf(here))
    here.breaker('openai').isolate(clock.monotonic())
    here.breaker('openai/gpt').reset(clock.monotonic())
    targetOf(later)
    expect(states(later)).toMatchObject({ openai: 'isolated', 'openai/gpt': 'closed' })
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

  it('give the probe to another process when a third has opened the circuit meanwhile', async () => {
    const targets = [boardOf(), boardOf()].map(targetOf) as [TargetBreaker, TargetBreaker]
    await fail(targets[0])
    await clock.advance(10_000)
    const probe = await admitted(targets[0])
    fleet.join().tell('openai/gpt', { name: 'open', remainingMs: 5_000, retryAfterMs: 0, failedProbes: 1 }, 'outcome')
    await probe.settle({ type: 'withdrawn' }, clock.monotonic())
    await clock.advance(5_000)
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

  it('probe by themselves where nobody can be asked', async () => {
    const board = asking(() => Promise.reject(new Error('Gone.')))
    await fail(targetOf(board))
    await clock.advance(10_000)
    await (await admitted(targetOf(board))).settle(completed, clock.monotonic())
    expect([states(board)['openai/gpt'], clock.pending]).toEqual(['closed', 0])
  })

  it('probe by themselves where nobody answers within a second', async () => {
    const board = asking(() => new Promise(() => undefined))
    await fail(targetOf(board))
    await clock.advance(10_000)
    const asked = [admitted(targetOf(board)), refusal(targetOf(board))] as const
    await clock.advance(1_000)
    const probe = await asked[0]
    expect((await asked[1]).message).toContain('half-open')
    await probe.settle(completed, clock.monotonic())
    expect([states(board)['openai/gpt'], clock.pending]).toEqual(['closed', 0])
  })

  it('give back a probe that is granted when they have gone on without', async () => {
    const sharing = fleet.join()
    const released: string[] = []
    const board = asking(
      async () => {
        await new Promise<void>(resolve => clock.timer(3_000, resolve))
        return { granted: true }
      },
      { ...sharing, release: key => void released.push(key) },
    )
    await fail(targetOf(board))
    await clock.advance(10_000)
    const probe = admitted(targetOf(board))
    await clock.advance(1_000)
    await (await probe).settle(completed, clock.monotonic())
    await clock.advance(2_000)
    expect(released).toEqual(['openai/gpt'])
  })

  it('measure a probe from when it was let through, not from when it was asked for', async () => {
    const sharing = fleet.join()
    const board = asking(async (...question) => {
      await new Promise<void>(resolve => clock.timer(900, resolve))
      return sharing.probe(...question)
    })
    const target = board.target('openai', 'gpt', { ...settings, slowCallMs: 500, slowCallRate: 0.5 })
    // the account's is asked for before the model's
    await fail(target, 'authentication')
    await clock.advance(10_000)
    const probe = admitted(target)
    await clock.advance(900)
    for (let call = 0; call < 2; call++) (await probe).settle(completed, clock.monotonic())
    const other = await admitted(target)
    other.settle(completed, clock.monotonic())
    expect(states(board)['openai/gpt']).toBe('closed')
  })
})
