import { BreakerBoard, type Chain, type ChainOptions, createChain, EventHub } from '@switchyard/core'
import {
  type Concurrency,
  createConcurrency,
  createPerformance,
  hedging,
  leastBusy,
  lowestLatency,
  weighted,
} from '@switchyard/core/routing'
import type { Verdict } from '../seed-run.ts'
import { Coverage } from '../world/coverage.ts'
import { SeededRandom } from '../world/seeded-random.ts'
import { SimulatedProcess } from '../world/simulated-process.ts'
import { Trace } from '../world/trace.ts'
import { type Completion, World } from '../world/world.ts'
import { DelayedCircuits } from './delayed-circuits.ts'
import { type Asked, engineCaller } from './engine-caller.ts'
import {
  type EngineEvidence,
  judgeEnd,
  judgePatience,
  judgeQuiet,
  judgeSend,
  judgeSettlement,
  judgeShown,
  judgeWait,
} from './engine-judge.ts'
import { EngineMoney, type MoneyHost } from './engine-money.ts'
import { type EngineCallerPlan, type EnginePlan, enginePlan } from './engine-plan.ts'
import { FaultyVendor, providerOf, providersOf } from './faulty-vendor.ts'
import { Gate } from './gate.ts'
import type { VendorCall } from './vendor-call.ts'
import { WatchedBoard } from './watched-board.ts'

/** Lives one seed: chains among vendors that fail, and callers who leave; and judges it. */
export async function simulate(seed: number, readable = false): Promise<Verdict> {
  return new EngineSimulation(seed, readable).run()
}

interface Host {
  readonly process: SimulatedProcess
  readonly chain: Chain
  readonly money: MoneyHost | undefined
  readonly concurrency: Concurrency | undefined
}

class EngineSimulation {
  readonly #plan: EnginePlan
  readonly #world: World
  readonly #coverage = new Coverage()
  readonly #vendors: readonly FaultyVendor[]
  readonly #gate: Gate
  readonly #callers: Asked[] = []
  readonly #byName = new Map<string, Asked>()
  readonly #hosts: Host[] = []
  readonly #evidence: EngineEvidence
  readonly #money: EngineMoney | undefined
  readonly #circuits: DelayedCircuits | undefined
  #isClosing = false
  #mayBeQuiet = false

  constructor(seed: number, readable: boolean) {
    const plan = enginePlan(seed)
    const { haste, patienceMs, promptness } = plan
    // another draw than the plan's
    const random = new SeededRandom(seed + 0.5 * 2 ** 31)
    const startsAt = Date.UTC(2026, 5, 1)
    const world = new World({ random, trace: new Trace(readable), startsAt, haste, patienceMs, promptness })
    this.#plan = plan
    this.#world = world
    this.#money = plan.money ? new EngineMoney(world, plan) : undefined
    this.#circuits = plan.sharedCircuits ? new DelayedCircuits(world) : undefined
    this.#vendors = plan.vendors.map(
      vendor =>
        new FaultyVendor(world, {
          plan: vendor,
          onSend: call => this.#sent(call),
          onEvent: (call, event) => this.#cover(call.requestId, `vendor: ${event}`),
        }),
    )
    this.#gate = new Gate(world, {
      plan: plan.gate,
      onSettled: (pass, outcome) => judgeSettlement(this.#evidence, pass, outcome),
      onEvent: (requestId, event) => this.#cover(requestId, event),
    })
    this.#evidence = { world, plan, gate: this.#gate, callers: this.#callers, attemptBound: attemptBound(plan) }
    world.onCompletion = completion => this.#before(completion)
  }

  async run(): Promise<Verdict> {
    const world = this.#world
    const hear = (error: unknown): void => world.problem(`an unhandled rejection: ${error}`)
    process.on('unhandledRejection', hear)
    try {
      for (let at = 0; at < this.#plan.processes; at++) this.#host(['east', 'west'][at] as string)
      for (const plan of this.#plan.callers) this.#call(plan)
      this.#healInTime()
      await world.run(20_000)
      if (world.problems.length === 0) judgeQuiet(this.#evidence)
      if (world.problems.length === 0) this.#judgeTimers(true)
      if (world.problems.length === 0) await this.#money?.judgeRest(this.#gate.passes)
    } finally {
      process.off('unhandledRejection', hear)
    }
    return {
      problems: world.problems,
      fingerprint: world.trace.fingerprint,
      coverage: this.#coverage.counts,
      trace: world.trace.lines,
      callers: this.#callers.length,
      acknowledged: this.#callers.filter(({ finished }) => finished).length,
    }
  }

  #host(name: string): void {
    const world = this.#world
    const plan = this.#plan
    const process = new SimulatedProcess(world, name, 0)
    const events = new EventHub()
    const ports = { clock: process.clock, random: world.random.next, events }
    const sharing = this.#circuits?.join(process)
    const breakers =
      sharing === undefined
        ? new WatchedBoard({ ...ports, terms: plan.breaker, problem: text => world.problem(text) })
        : new BreakerBoard({ ...ports, sharing })
    const money = this.#money?.host(process, events)
    const concurrency = this.#concurrency(process, events)
    const steps = [this.#gate.step(process), ...(money?.steps ?? []), ...(concurrency ? [concurrency.step] : [])]
    const chain = this.#chain(process, { events, breakers, steps, recorders: money?.recorders ?? [] })
    events.on('retry-scheduled', ({ requestId = '', target, delayMs }) => {
      const asked = this.#byName.get(requestId)
      if (asked !== undefined) judgeWait(this.#evidence, { asked, target, delayMs })
    })
    events.on('target-skipped', ({ requestId = '', target }) => {
      this.#byName.get(requestId)?.skipped.add(target)
    })
    events.on('hedge-started', ({ requestId, target }) => {
      const pass = this.#gate.passes.findLast(
        ({ info, call }) => info.requestId === requestId && info.target === target && call === undefined,
      )
      if (pass !== undefined) pass.isHedge = true
    })
    for (const name of ['circuit-opened', 'circuit-half-opened', 'circuit-closed'] as const) {
      events.on(name, () => this.#coverProcess(process, name))
    }
    this.#hosts.push({ process, chain, money, concurrency })
    const { disposeMs } = plan
    if (disposeMs === undefined) return
    world.timer(disposeMs, {
      kind: 'is disposed',
      to: process,
      run: () => {
        this.#coverProcess(process, 'its chain is disposed')
        void chain.dispose()
      },
    })
  }

  #concurrency(process: SimulatedProcess, events: EventHub): Concurrency | undefined {
    const { concurrency, vendors } = this.#plan
    const target = vendors[0]?.target
    if (concurrency === undefined || target === undefined) return undefined
    const { limit, isAdaptive, maxWaitMs } = concurrency
    const definition = isAdaptive ? { adaptive: { min: 1, max: limit, initial: 1 } } : { limit }
    return createConcurrency({
      limits: [{ name: 'few', maxWaitMs, ...definition }],
      holdings: [{ scope: { type: 'model', name: target }, name: 'few' }],
      events,
      clock: process.clock,
    })
  }

  #chain(process: SimulatedProcess, own: Pick<ChainOptions, 'events' | 'breakers' | 'steps' | 'recorders'>): Chain {
    const { shape, retry, timeouts, breaker, vendors, midStream, hedge, holdBack, select, lists } = this.#plan
    const { clock } = process
    const common = {
      ...own,
      clock,
      random: this.#world.random.next,
      retry,
      circuitBreaker: breaker,
      timeouts,
      midStream,
      ...(hedge && { hedge: hedging(hedge) }),
      ...(holdBack && { holdBack }),
      ...(select && { select: policies[select](), performance: createPerformance({ clock }) }),
    }
    const providers = providersOf(this.#vendors, process)
    const targets = vendors.map(({ target }) => {
      const [provider = '', model = ''] = target.split('/')
      return { provider: providers.get(providerOf(target)) ?? fail(provider), model }
    })
    const [first, ...others] = targets
    const last = others.at(-1)
    if (lists && last !== undefined) {
      const list = [last]
      return createChain({
        ...common,
        id: 'front',
        targets: targets.slice(0, -1),
        onContextLength: list,
        onContentFilter: list,
      })
    }
    if (first === undefined || others.length === 0 || shape === 'flat') {
      return createChain({ ...common, id: 'front', targets })
    }
    const inner = createChain({ ...common, id: 'back', targets: others })
    if (shape === 'nested first') {
      return createChain({ ...common, id: 'front', targets: [{ provider: inner }, first] })
    }
    if (shape === 'nested last') {
      return createChain({ ...common, id: 'front', targets: [first, { provider: inner }] })
    }
    const middle = createChain({ ...common, id: 'middle', targets: [first, { provider: inner }] })
    return createChain({ ...common, id: 'front', targets: [{ provider: middle }] })
  }

  #call(plan: EngineCallerPlan): void {
    const { process, chain } = this.#hosts[plan.process] as Host
    const asked = engineCaller({
      world: this.#world,
      chain,
      process,
      plan,
      onEvent: (_, event) => this.#cover(plan.name, event),
      onShown: (asked, batch) => {
        judgeShown(this.#evidence, asked, batch)
        if (asked.finished && this.#money?.hasEntry(plan.name) === false) {
          this.#world.problem(`shown before the ledger has it: the end of ${plan.name}`)
        }
      },
      onOver: asked => {
        judgeEnd(this.#evidence, asked)
        this.#mayBeQuiet = true
        this.#closeWhenDone()
      },
    })
    this.#callers.push(asked)
    this.#byName.set(plan.name, asked)
    const { deadlineMs } = plan
    if (deadlineMs === undefined) return
    this.#world.timer(plan.startMs + deadlineMs, {
      kind: 'caller: his deadline',
      to: process,
      run: () => this.#cover(plan.name, 'his deadline comes'),
    })
  }

  /** Once nobody waits any more, all processes end in good order. */
  #closeWhenDone(): void {
    if (this.#isClosing || this.#callers.some(({ over }) => !over)) return
    this.#isClosing = true
    for (const { process, chain, money, concurrency } of this.#hosts) {
      const run = async (): Promise<void> => {
        await chain.dispose({ drain: true })
        concurrency?.dispose()
        await money?.close()
        this.#world.trace.add(`${process.name} has ended`)
      }
      this.#world.later({ kind: 'ends', to: process, run: () => void run() })
    }
  }

  /** Before the last callers come, everybody is well. */
  #healInTime(): void {
    const last = this.#plan.callers.find(({ isLast }) => isLast)
    this.#world.timer((last?.startMs ?? 1) - 1, {
      kind: 'all are well',
      run: () => {
        this.#gate.isWell = true
        for (const vendor of this.#vendors) vendor.isWell = true
      },
    })
  }

  #sent(call: VendorCall): void {
    const asked = this.#byName.get(call.requestId)
    if (asked === undefined) {
      this.#world.problem(`nobody's call: ${call.requestId} at ${call.target}`)
      return
    }
    this.#cover(call.requestId, 'a vendor is asked')
    asked.calls.push(call)
    judgeSend(this.#evidence, asked, call)
  }

  /** All that followed from the last completion is done. */
  #before(completion: Completion): void {
    judgePatience(this.#evidence)
    if (this.#mayBeQuiet && this.#isQuiet) {
      this.#mayBeQuiet = false
      this.#judgeTimers()
    }
    const { kind, to } = completion
    if (kind === 'timer' && to !== undefined) this.#coverProcess(to, 'a timer')
  }

  /** Nobody asks, and all that was asked is settled. */
  get #isQuiet(): boolean {
    return !this.#gate.isBusy && this.#callers.every(({ over, startedAt }) => over || startedAt === undefined)
  }

  /** Nobody is under way: nothing is left that would wake up. */
  #judgeTimers(hasEnded = false): void {
    if (!hasEnded && (this.#plan.money || this.#plan.sharedCircuits)) return
    for (const { process } of this.#hosts) {
      const timers = this.#world.timersOf(process)
      if (timers > 0) this.#world.problem(`timers are left: ${timers} of ${process.name}`)
    }
  }

  #cover(requestId: string, event: string): void {
    const asked = this.#byName.get(requestId)
    if (asked !== undefined) this.#coverage.add(this.#stageOf(asked), event)
  }

  #coverProcess(process: SimulatedProcess, event: string): void {
    const seen = new Set<string>()
    for (const asked of this.#callers) if (asked.process === process) seen.add(this.#stageOf(asked))
    for (const stage of seen) this.#coverage.add(stage, event)
  }

  /** What a call is at, as the outside sees it. */
  #stageOf(asked: Asked): string {
    const { plan, calls, shown, shownBy, reading } = asked
    if (asked.startedAt === undefined) return 'not begun'
    if (asked.over) return 'over'
    const open = calls.filter(({ isOpen }) => isOpen)
    if (open.length > 1) return 'hedged'
    const [call] = open
    if (call !== undefined) {
      if (shown !== '' && call !== shownBy) return 'continuing'
      if (shown !== '') return reading ? 'answering' : 'paused'
      return call.isAccepted ? 'accepted' : 'sent'
    }
    if ((this.#gate.settling.get(plan.name) ?? 0) > 0) return 'settling'
    if ((this.#gate.admitting.get(plan.name) ?? 0) > 0) return 'admitting'
    return shown === '' ? 'waiting' : 'broken'
  }
}

/** The most attempts that one request may make. */
function attemptBound({ vendors, lists, retry, midStream }: EnginePlan): number {
  // the last vendor stands in two lists of its own
  const last = vendors.slice(-1)
  const places = lists && vendors.length > 1 ? [...vendors, ...last] : vendors
  // who refuses to go on is asked once more, to begin anew
  const again = places.filter(({ prefill }) => prefill === true && midStream === 'continue')
  return places.length * retry.attempts + again.length
}

const policies = { weighted, 'lowest latency': lowestLatency, 'least busy': leastBusy }

function fail(provider: string): never {
  throw new Error(`There is no ${provider}.`)
}
