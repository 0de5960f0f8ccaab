import {
  type Accounting,
  type AdmissionPermit,
  type AttemptInfo,
  type Chain,
  createChain,
  EventHub,
  type Limiter,
} from '@switchyard/core'
import { createAccounting, createMemoryLedger } from '@switchyard/core/accounting'
import { createLimiter, createMemoryLimits } from '@switchyard/core/limits'
import type { Verdict } from '../seed-run.ts'
import { Coverage } from '../world/coverage.ts'
import { SeededRandom } from '../world/seeded-random.ts'
import { SimulatedProcess } from '../world/simulated-process.ts'
import { Trace } from '../world/trace.ts'
import { type Completion, World } from '../world/world.ts'
import { judgeLimits, judgeTokens, type Send } from './limit-judge.ts'
import { type Evidence, judgeAcknowledgement, judgeCharges, judgeRest, judgeWindows } from './money-judge.ts'
import { type MoneyPlan, moneyPlan, type ProcessPlan } from './money-plan.ts'
import { SharedLimits } from './shared-limits.ts'
import { type CallerState, simulatedCaller } from './simulated-caller.ts'
import { SimulatedDatabase } from './simulated-database.ts'
import { simulatedPricing } from './simulated-prices.ts'
import { SimulatedVendor, type VendorBill } from './simulated-vendor.ts'

/** Lives one seed: processes, vendors, one database, callers; and judges it. */
export async function simulate(seed: number, readable = false): Promise<Verdict> {
  return new MoneySimulation(seed, readable).run()
}

/** One process: its chain, its accounts, and what the outside sees of it. */
interface Host {
  readonly process: SimulatedProcess
  readonly chain: Chain
  readonly accounting: Accounting
  readonly sockets: Set<unknown>
  readonly limiter: Limiter
  readonly disconnect: () => void
}

class MoneySimulation {
  readonly #plan: MoneyPlan
  readonly #world: World
  readonly #coverage = new Coverage()
  readonly #evidence: Evidence
  readonly #callers: CallerState[] = []
  readonly #hosts: Host[] = []
  readonly #sends: Send[] = []
  readonly #sharedLimits: SharedLimits | undefined
  /** Ids of attempts that were admitted last, by request and target. */
  readonly #admitted = new Map<string, string>()
  readonly #alerts = new Set<string>()
  #closing = false

  constructor(seed: number, readable: boolean) {
    const plan = moneyPlan(seed)
    const { startsAt, haste, patienceMs, promptness, leaseMs, fates, away } = plan
    // another draw than the plan's
    const random = new SeededRandom(seed + 0.5 * 2 ** 31)
    const world = new World({ random, trace: new Trace(readable), startsAt, haste, patienceMs, promptness })
    const ledger = createMemoryLedger()
    const database = new SimulatedDatabase(world, {
      ledger,
      leaseMs,
      fates,
      limitOf: name => plan.budgets.find(budget => budget.name === name)?.limit ?? 0n,
      isAway: () => away !== undefined && world.now >= away[0] && world.now < away[1],
      onRecord: record => judgeCharges(this.#evidence, record),
      onChange: () => judgeWindows(this.#evidence),
    })
    const onSend = (bill: VendorBill): void => {
      this.#sends.push({ bill, at: world.now })
      judgeLimits(this.#evidence, this.#sends)
      bill.attemptId = this.#admitted.get(`${bill.requestId} ${bill.target}`) ?? ''
    }
    const vendors = plan.vendors.map(
      terms => new SimulatedVendor(world, { terms, treatments: plan.treatments, onSend }),
    )
    this.#plan = plan
    this.#sharedLimits = plan.sharedLimits ? new SharedLimits(world) : undefined
    this.#world = world
    this.#evidence = { world, plan, ledger, database, vendors, callers: this.#callers }
    world.onCompletion = completion => this.#cover(completion)
    database.onExpiry = process => this.#coverProcess(process, 'its lease expires')
  }

  async run(): Promise<Verdict> {
    const world = this.#world
    const hear = (error: unknown): void => world.problem(`an unhandled rejection: ${error}`)
    process.on('unhandledRejection', hear)
    try {
      for (const plan of this.#plan.processes) this.#host(plan)
      for (const plan of this.#plan.callers) this.#call(plan)
      this.#watchWindows()
      this.#closeWhenDone()
      await world.run(50_000 + 200 * this.#callers.length)
      if (world.problems.length === 0) await judgeRest(this.#evidence)
      if (world.problems.length === 0) {
        judgeTokens(this.#evidence, this.#sends)
        this.#judgeProcesses()
      }
    } finally {
      process.off('unhandledRejection', hear)
    }
    return {
      problems: world.problems,
      fingerprint: world.trace.fingerprint,
      coverage: this.#coverage.counts,
      trace: world.trace.lines,
      callers: this.#callers.length,
      acknowledged: this.#callers.filter(({ acknowledged }) => acknowledged).length,
    }
  }

  #host(plan: ProcessPlan): void {
    const world = this.#world
    const process = new SimulatedProcess(world, plan.name, plan.skewMs)
    const { database, vendors } = this.#evidence
    const { budgets, holdings, limits, attempts, defaultOutputTokens, nested } = this.#plan
    const store = database.connect(process)
    const events = new EventHub()
    const pricing = simulatedPricing(this.#plan.vendors)
    const accounting = createAccounting({
      pricing,
      store,
      budgets,
      holdings,
      events,
      clock: process.clock,
    })
    events.on('budget-alert', ({ budget, threshold, renewsAt }) => {
      const alert = `${budget} ${threshold} ${renewsAt}`
      if (!process.isDead && this.#alerts.has(alert)) world.problem(`told twice: the alert ${alert}`)
      this.#alerts.add(alert)
    })
    const limiter = createLimiter({
      store: this.#sharedLimits?.connect(process) ?? createMemoryLimits({ clock: process.clock }),
      limits,
      holdings: limits.map(({ name }) => ({ scope: { type: 'all' }, name })),
      estimate: ({ request, target }) => {
        const { inputTokens, outputTokens } = pricing.estimate(request, target, { at: 0 })
        return {
          expected: inputTokens.expected + outputTokens.expected,
          most: (inputTokens.most ?? 0) + (outputTokens.most ?? 0),
        }
      },
      events,
      clock: process.clock,
    })
    const sockets = new Set<unknown>()
    const common = {
      steps: [limiter, accounting.step, { admit: this.#watch }],
      recorders: [accounting.recorder],
      clock: process.clock,
      random: world.random.next,
      events,
      retry: { attempts, baseDelayMs: 200, maxDelayMs: 800 },
      circuitBreaker: { minimumCalls: 2, windowMs: 20_000, openForMs: 700 },
      timeouts: { firstTokenMs: 3_000, idleMs: 3_000, totalMs: 80_000, consumerIdleMs: 10_000 },
    }
    const targets = vendors.map((vendor, at) => ({
      provider: vendor.connect(process, sockets),
      model: vendor.terms.target.split('/')[1] as string,
      ...(at === 0 && defaultOutputTokens !== undefined && { defaults: { maxOutputTokens: defaultOutputTokens } }),
    }))
    const [first, ...others] = targets
    const chain = createChain({
      ...common,
      id: 'front',
      targets:
        nested && first !== undefined
          ? [first, { provider: createChain({ ...common, id: 'back', targets: others }) }]
          : targets,
    })
    this.#hosts.push({ process, chain, accounting, limiter, sockets, disconnect: () => store[Symbol.dispose]() })
    this.#afflict(process, plan)
  }

  /** The last step: what it admits is sent next. */
  readonly #watch = ({ id, requestId, target }: AttemptInfo): AdmissionPermit => {
    this.#admitted.set(`${requestId} ${target}`, id)
    return { settle: () => undefined }
  }

  #afflict(process: SimulatedProcess, { dieAfter, dieMs, stop }: ProcessPlan): void {
    const world = this.#world
    if (dieAfter !== undefined) process.dieAfter(dieAfter)
    process.onDeath(() => this.#coverProcess(process, 'its process dies'))
    if (dieMs !== undefined) world.timer(dieMs, { kind: `${process.name} is killed`, run: () => process.die() })
    if (stop !== undefined) {
      world.timer(stop.atMs, { kind: `${process.name} stops`, run: () => process.stop() })
      world.timer(stop.atMs + stop.forMs, {
        kind: `${process.name} continues`,
        run: () => {
          this.#coverProcess(
            process,
            stop.forMs > this.#plan.leaseMs ? 'its clock jumps past the lease' : 'its clock jumps',
          )
          process.continue()
        },
      })
    }
  }

  #call(plan: MoneyPlan['callers'][number]): void {
    const world = this.#world
    const { process, chain } = this.#hosts[plan.process] as Host
    this.#callers.push(
      simulatedCaller({
        world,
        chain,
        process,
        plan,
        onAcknowledged: caller => judgeAcknowledgement(this.#evidence, caller),
        onOver: () => this.#closeWhenDone(),
      }),
    )
    process.onDeath(() => this.#closeWhenDone())
  }

  /** Once nobody waits any more, all processes that live are ended in good order. */
  #closeWhenDone(): void {
    if (this.#closing || this.#callers.some(({ over, process }) => !over && !process.isDead)) return
    this.#closing = true
    for (const host of this.#hosts) {
      this.#world.later({ kind: 'ends', to: host.process, run: () => void this.#close(host) })
    }
  }

  async #close({ process, chain, accounting, limiter, disconnect }: Host): Promise<void> {
    await chain.dispose({ drain: true })
    limiter.dispose()
    await accounting.dispose()
    disconnect()
    this.#world.trace.add(`${process.name} has ended`)
    const timers = this.#world.timersOf(process)
    if (timers > 0) this.#world.problem(`timers are left: ${timers} of ${process.name}`)
  }

  #judgeProcesses(): void {
    for (const { process, sockets } of this.#hosts) {
      if (process.isDead) continue
      if (sockets.size > 0) this.#world.problem(`${sockets.size} sockets of ${process.name} are left`)
    }
  }

  /** A window ends while calls are under way; none does but at a quarter of an hour. */
  #watchWindows(): void {
    const quarterMs = 900_000
    const untilNext = quarterMs - (this.#plan.startsAt % quarterMs)
    if (untilNext > 10_000) return
    this.#world.timer(untilNext, {
      kind: 'the hour ends',
      run: () => {
        for (const { process } of this.#hosts) this.#coverProcess(process, 'the window ends')
      },
    })
  }

  #cover({ kind, to, detail }: Completion): void {
    if (to === undefined) return
    const event = kind.replace(/^(east|west)\/\w+: /, 'vendor: ')
    if (kind.startsWith('caller: aborts')) {
      const caller = this.#callers.find(({ plan }) => plan.name === detail?.())
      if (caller !== undefined) this.#coverage.add(this.#stageOf(caller), 'its caller aborts')
      return
    }
    this.#coverProcess(to, event)
  }

  #coverProcess(process: SimulatedProcess, event: string): void {
    const seen = new Set<string>()
    for (const caller of this.#callers) if (caller.process === process) seen.add(this.#stageOf(caller))
    for (const stage of seen) this.#coverage.add(stage, event)
  }

  /** What a call is at, as the outside sees it. */
  #stageOf(caller: CallerState): string {
    if (caller.startedAt === undefined) return 'not begun'
    if (caller.over) return 'over'
    const { vendors, database } = this.#evidence
    const { name } = caller.plan
    if (database.isCommitting(name)) return 'committing'
    for (const vendor of vendors) {
      const stage = vendor.stageOf(name)
      if (stage !== undefined) return stage
    }
    return database.isPending(caller.process, 'takeSlab') ? 'reserving' : 'waiting'
  }
}
