import type { Capability } from '@switchyard/core'
import { SeededRandom } from '../world/seeded-random.ts'
import type { CircuitTerms } from './circuit-model.ts'

/** One world, as its seed has it. Moments are milliseconds from the beginning. */
export interface EnginePlan {
  readonly haste: number
  readonly patienceMs: number
  readonly promptness: number
  readonly processes: 1 | 2
  readonly vendors: readonly VendorPlan[]
  readonly shape: 'flat' | 'nested first' | 'nested last' | 'nested twice'
  readonly retry: RetryTerms
  readonly timeouts: {
    readonly firstTokenMs: number
    readonly idleMs: number
    readonly totalMs: number
    readonly consumerIdleMs: number
  }
  readonly breaker: CircuitTerms
  /** The processes' circuits are one, at the far end of connections that take their time. */
  readonly sharedCircuits: boolean
  readonly midStream: 'continue' | 'fail'
  readonly hedge: { readonly afterMs: number; readonly attempts: number } | undefined
  readonly holdBack: { readonly textMs: number; readonly toolCallMs: number } | undefined
  /** What stands before the breaker, for each attempt drawn anew. */
  readonly gate: GatePlan
  /** How many attempts the first target bears at once. */
  readonly concurrency: ConcurrencyTerms | undefined
  /** How targets are chosen; in their order where nothing is said. */
  readonly select: 'weighted' | 'lowest latency' | 'least busy' | undefined
  /** The last vendor is asked only for what others found too long, or would not answer. */
  readonly lists: boolean
  /** Limits and budgets are on. */
  readonly money: boolean
  readonly callers: readonly EngineCallerPlan[]
  /** All calls of a process are ended by hand. */
  readonly disposeMs: number | undefined
}

interface RetryTerms {
  readonly attempts: number
  readonly baseDelayMs: number
  readonly maxDelayMs: number
  readonly maxRetryAfterMs: number
}

interface ConcurrencyTerms {
  readonly limit: number
  readonly isAdaptive: boolean
  readonly maxWaitMs: number
}

export interface GatePlan {
  /** How likely its answer takes time. */
  readonly slow: number
  readonly refuses: number
  /** How likely what an attempt came to can't be kept. */
  readonly fails: number
}

/** What a vendor does with one call. */
export type Manner =
  | 'answers'
  | 'answers at once'
  | 'thinks first'
  | 'is slow to begin'
  | 'drips'
  | 'refuses'
  | 'refuses for a while'
  | 'is not reached'
  | 'is silent'
  | 'stalls'
  | 'cuts'
  | 'tells an error'
  | 'begins with an error'
  | 'ends without an end'
  | 'speaks nonsense'
  | 'breaks its arguments'
  | 'throws'
  | 'ends the call itself'
  | 'hears no abort'
  | 'settles late'

export interface VendorPlan {
  /** `provider/model`. */
  readonly target: string
  /** Drawn from for each call. */
  readonly manners: readonly Manner[]
  readonly prefill: Capability
  /** What it does with a prefill, whatever it says. */
  readonly onPrefill: 'goes on' | 'begins anew' | 'refuses'
  /** How likely an answer has other words than the one before. */
  readonly otherWords: number
  /** How likely an answer ends in a tool call. */
  readonly toolCalls: number
  readonly streaming: Capability
}

export interface EngineCallerPlan {
  readonly name: string
  readonly process: number
  readonly startMs: number
  readonly whole: boolean
  readonly abort: 'never' | 'at some time' | number
  readonly deadlineMs: number | undefined
  readonly pauseMs: number
  /** Stops by itself after so many batches. */
  readonly leavesAfter: number | undefined
  /** Comes when all vendors are well again, and must be answered. */
  readonly isLast: boolean
}

const faults: readonly Manner[] = [
  'is slow to begin',
  'drips',
  'refuses',
  'refuses for a while',
  'is not reached',
  'is silent',
  'stalls',
  'cuts',
  'cuts',
  'tells an error',
  'begins with an error',
  'ends without an end',
  'speaks nonsense',
  'breaks its arguments',
  'throws',
  'ends the call itself',
  'hears no abort',
  'settles late',
]

const hourMs = 3_600_000
/** Every so many seeds a crowd asks of vendors that fail. */
const crowdEach = 50

export function enginePlan(seed: number): EnginePlan {
  const random = new SeededRandom(seed)
  const plan = anyPlan(random)
  return seed % crowdEach === crowdEach - 1 ? crowd(plan, random) : plan
}

function anyPlan(random: SeededRandom): EnginePlan {
  const processes = random.chance(0.15) ? 2 : 1
  const isCalm = random.chance(0.2)
  const money = random.chance(0.15)
  return {
    haste: random.pick([0.5, 0.8, 0.95]),
    patienceMs: random.pick([20, 200, 2_000]),
    promptness: random.pick([0, 0.3, 0.7]),
    processes,
    vendors: vendorPlans(random),
    shape: random.pick(['flat', 'flat', 'nested first', 'nested last', 'nested twice']),
    retry: {
      attempts: random.integer(1, 3),
      baseDelayMs: random.pick([100, 500]),
      maxDelayMs: random.pick([150, 800]),
      maxRetryAfterMs: random.pick([1_000, 60_000]),
    },
    timeouts: { firstTokenMs: 4_000, idleMs: 3_000, totalMs: random.pick([9_000, 30_000]), consumerIdleMs: 8_000 },
    breaker: {
      windowMs: 60_000,
      minimumCalls: random.pick([1, 2, 2, 3, 4]),
      failureRate: random.pick([0.5, 0.5, 1]),
      consecutiveFailures: random.pick([2, 4, 10]),
      openForMs: random.pick([700, 5_000]),
      maxOpenForMs: 20_000,
      halfOpenProbes: random.pick([1, 1, 2]),
      probeLeaseMs: random.pick([2_000, 120_000]),
    },
    sharedCircuits: processes === 2 && random.chance(0.6),
    midStream: random.chance(0.7) ? 'continue' : 'fail',
    hedge: random.chance(0.3)
      ? { afterMs: random.pick([100, 1_000, 2_000]), attempts: random.pick([1, 1, 2]) }
      : undefined,
    holdBack: random.chance(0.2)
      ? { textMs: random.pick([0, 50, 500]), toolCallMs: random.pick([0, 2_000]) }
      : undefined,
    gate: isCalm
      ? { slow: 0, refuses: 0, fails: 0 }
      : { slow: random.pick([0, 0.3]), refuses: random.pick([0, 0, 0.1]), fails: random.pick([0, 0, 0.1]) },
    concurrency: random.chance(0.25)
      ? { limit: random.pick([1, 1, 2]), isAdaptive: random.chance(0.3), maxWaitMs: random.pick([0, 1_500, 60_000]) }
      : undefined,
    select: random.pick([undefined, undefined, undefined, 'weighted', 'lowest latency', 'least busy']),
    lists: random.chance(0.15),
    money,
    callers: callerPlans(random, processes),
    disposeMs: random.chance(0.03) ? random.integer(0, 6_000) : undefined,
  }
}

function vendorPlans(random: SeededRandom): readonly VendorPlan[] {
  const targets = random.pick([['a/m'], ['a/m', 'b/m'], ['a/m', 'b/m'], ['a/m', 'b/m', 'c/m'], ['a/m', 'a/n', 'b/m']])
  const otherWords = random.pick([0, 0, 0.3, 1])
  const toolCalls = random.pick([0, 0, 0.3])
  return targets.map((target, at) => {
    const troubles = Array.from({ length: random.integer(0, 3) }, () => random.pick(faults))
    const goods: readonly Manner[] =
      at === 0 && random.chance(0.4) ? [] : [random.pick(['answers', 'answers at once', 'thinks first'])]
    const prefill = random.pick<Capability>([true, true, false, 'unknown'])
    return {
      target,
      manners: troubles.length + goods.length === 0 ? ['answers'] : [...troubles, ...goods],
      prefill,
      onPrefill: random.pick(['goes on', 'goes on', 'begins anew', 'refuses']),
      otherWords,
      toolCalls,
      streaming: !random.chance(0.06),
    }
  })
}

function callerPlans(random: SeededRandom, processes: number): readonly EngineCallerPlan[] {
  const count = random.pick([1, 2, 3, 4, 6])
  const isTwice = random.chance(0.12)
  const callers = Array.from({ length: count }, (_, at): EngineCallerPlan => {
    const later = isTwice && at * 2 >= count ? hourMs : 0
    return {
      name: `r${at}`,
      process: random.integer(0, processes - 1),
      startMs: later + random.pick([0, 0, 10, 500, 1_200, 5_000, 9_000]),
      whole: random.chance(0.25),
      abort: random.pick<EngineCallerPlan['abort']>(['never', 'never', 'never', 'never', 'at some time', 0, 60, 1_500]),
      deadlineMs: random.pick([undefined, undefined, undefined, 600, 4_000, 12_000]),
      pauseMs: random.pick([0, 0, 0, 5, 3_500, 9_000]),
      leavesAfter: random.chance(0.08) ? random.integer(0, 3) : undefined,
      isLast: false,
    }
  })
  return [...callers, lastCaller(0), ...(processes === 2 ? [lastCaller(1)] : [])]
}

function lastCaller(process: number): EngineCallerPlan {
  return {
    name: `last${process}`,
    process,
    // one after another: of a fleet one process probes at a time
    startMs: (2 + process) * hourMs,
    whole: false,
    abort: 'never',
    deadlineMs: undefined,
    pauseMs: 0,
    leavesAfter: undefined,
    isLast: true,
  }
}

/** Many ask at one time, and only the retry budget stands between them and vendors that fail. */
function crowd(plan: EnginePlan, random: SeededRandom): EnginePlan {
  return {
    ...plan,
    processes: 1,
    sharedCircuits: false,
    vendors: plan.vendors.map(vendor => ({ ...vendor, manners: ['refuses', 'cuts', 'tells an error', 'is silent'] })),
    retry: { ...plan.retry, attempts: 3 },
    breaker: { ...plan.breaker, minimumCalls: 1_000, consecutiveFailures: 1_000 },
    hedge: random.chance(0.5) ? { afterMs: 100, attempts: 2 } : undefined,
    concurrency: undefined,
    money: false,
    callers: [
      ...Array.from(
        { length: 16 },
        (_, at): EngineCallerPlan => ({ ...lastCaller(0), name: `r${at}`, startMs: at, isLast: false }),
      ),
      lastCaller(0),
    ],
  }
}
