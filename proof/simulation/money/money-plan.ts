import type { AttemptInfo, BudgetDefinition, Holding, LimitDefinition } from '@switchyard/core'
import { SeededRandom } from '../world/seeded-random.ts'
import { calendarEnds } from './calendar.ts'
import type { Fate } from './simulated-database.ts'
import type { VendorTerms } from './simulated-prices.ts'
import type { Treatment } from './simulated-vendor.ts'

/** One run of the simulation, as its seed has it. Moments are milliseconds from the beginning. */
export interface MoneyPlan {
  readonly startsAt: number
  readonly haste: number
  readonly patienceMs: number
  readonly promptness: number
  readonly leaseMs: number
  readonly vendors: readonly VendorTerms[]
  readonly treatments: readonly Treatment[]
  readonly fates: readonly Fate[]
  /** Between these two the database is away. */
  readonly away: readonly [number, number] | undefined
  readonly budgets: readonly BudgetDefinition[]
  readonly holdings: readonly Holding[]
  readonly limits: readonly LimitDefinition[]
  /** The limits are counted for all processes together. */
  readonly sharedLimits: boolean
  readonly attempts: number
  /** The target's default where a request does not say how long its answer may be. */
  readonly defaultOutputTokens: number | undefined
  /** The second vendor stands in a chain of its own. */
  readonly nested: boolean
  readonly processes: readonly ProcessPlan[]
  readonly callers: readonly CallerPlan[]
}

export interface ProcessPlan {
  readonly name: string
  readonly startMs: number
  readonly skewMs: number
  /** It dies at its nth word to the outside. */
  readonly dieAfter: number | undefined
  readonly dieMs: number | undefined
  readonly stop: { readonly atMs: number; readonly forMs: number } | undefined
}

export interface CallerPlan {
  readonly name: string
  readonly process: number
  readonly startMs: number
  readonly operation: 'stream' | 'whole' | 'embed'
  readonly inputBytes: number
  readonly maxOutputTokens: number | undefined
  readonly principal: string | undefined
  readonly tags: readonly string[]
  readonly abort: 'never' | 'at some time' | number
  readonly deadlineMs: number | undefined
  readonly pauseMs: number
  /** Stops by itself after so many batches. */
  readonly leavesAfter: number | undefined
}

/** Every so many seeds there is a world about limits. */
export const aboutLimitsEach = 12
/** Every so many seeds, at the end of as many, there is one of a crowd. */
const crowdEach = 1_000

export function moneyPlan(seed: number): MoneyPlan {
  const plan = anyPlan(seed)
  const random = new SeededRandom(seed + 1)
  if (seed % aboutLimitsEach === 0) return aboutLimits(plan, random)
  if (seed % crowdEach === crowdEach - 1) return crowd(plan, random)
  return random.chance(0.25) ? elsewhere(plan, random) : plan
}

/** Hundreds or thousands ask within moments, of budgets that have something for each, for some, or for few. */
function crowd(plan: MoneyPlan, random: SeededRandom): MoneyPlan {
  const count = random.pick([200, 500, 2_000])
  return {
    ...plan,
    budgets: plan.budgets.map(budget => ({ ...budget, limit: random.pick([50_000n, 500_000n, 5_000_000n]) })),
    limits: [],
    processes: plan.processes.map(process => ({
      ...process,
      dieAfter: process.dieAfter === undefined ? undefined : random.integer(1, 10 * count),
    })),
    callers: Array.from({ length: count }, (_, at) => ({
      ...callerPlan(random, at, plan.processes.length),
      startMs: random.integer(0, 50),
    })),
  }
}

/** Budgets by the calendar of a place where clocks are put forward or back, just before one of their windows ends. */
function elsewhere(plan: MoneyPlan, random: SeededRandom): MoneyPlan {
  const { timeZone, at } = random.pick(calendarEnds)
  return {
    ...plan,
    startsAt: at - random.integer(1, 3_000),
    budgets: plan.budgets.map(budget => ({
      ...budget,
      timeZone,
      window: random.pick(['hour', 'day', 'week', 'month']),
    })),
  }
}

/** Nothing goes wrong, and many calls come within minutes: only limits stand in their way. */
function aboutLimits(plan: MoneyPlan, random: SeededRandom): MoneyPlan {
  return {
    ...plan,
    patienceMs: 100,
    leaseMs: 90_000,
    treatments: ['answers', 'answers', 'answers', 'refuses'],
    fates: ['heard'],
    away: undefined,
    budgets: plan.budgets.map(budget => ({ ...budget, limit: 5_000_000n, maxWaitMs: 0 })),
    limits: [
      {
        name: 'tier',
        mode: 'strict',
        maxWaitMs: random.pick([0, 70_000]),
        ...(random.chance(0.7)
          ? { tokensPerMinute: random.integer(300, 900) }
          : { requestsPerMinute: random.integer(1, 4) }),
      },
    ],
    processes: plan.processes.map(process => ({ ...process, dieAfter: undefined, dieMs: undefined, stop: undefined })),
    callers: Array.from({ length: random.integer(8, 16) }, (_, at) => ({
      ...callerPlan(random, at, plan.processes.length),
      // together with the ends of those that are read slowly
      startMs: 8_000 * random.integer(0, 11),
      pauseMs: random.pick([0, 8_000]),
      abort: 'never' as const,
      deadlineMs: undefined,
      leavesAfter: undefined,
    })),
  }
}

function anyPlan(seed: number): MoneyPlan {
  const random = new SeededRandom(seed)
  const maybe = <Value>(probability: number, value: () => Value): Value | undefined =>
    random.chance(probability) ? value() : undefined
  const vendors: VendorTerms[] = [
    { target: 'east/large', input: 3n, output: 17n, usualOutputTokens: 100 },
    { target: 'west/small', input: 1n, output: 5n, usualOutputTokens: 100 },
  ]
  const calm = random.chance(0.3)
  const processes = processPlans(random, calm)
  const budgets = budgetPlans(random)
  const limits = limitPlans(random)
  return {
    startsAt: startOf(random),
    haste: random.pick([0.5, 0.9, 0.99]),
    patienceMs: random.pick(limits.length > 0 ? [100] : calm ? [100, 2_000] : [100, 2_000, 20_000]),
    promptness: random.pick([0, 0.3, 0.8]),
    leaseMs: 9_000,
    vendors,
    treatments: treatmentsOf(random),
    fates: calm
      ? ['heard', 'heard twice']
      : random.pick<readonly Fate[]>([['heard'], ['heard', 'heard', 'heard twice', 'refused', 'answer lost']]),
    away: calm ? undefined : maybe(0.1, () => [random.integer(0, 2_000), random.integer(2_000, 8_000)] as const),
    ...budgets,
    limits,
    sharedLimits: random.chance(0.5),
    attempts: random.integer(1, 3),
    defaultOutputTokens: maybe(0.4, () => 150),
    nested: random.chance(0.2),
    processes,
    callers: callerPlans(random, processes.length, limits.length > 0),
  }
}

function startOf(random: SeededRandom): number {
  const noon = Date.UTC(2026, 10, 21, 12)
  // an hour, or a day, ends while they are at it
  const midnight = Date.UTC(2026, 10, 22)
  return random.pick([noon, noon - random.integer(1, 3_000), midnight - random.integer(1, 3_000)])
}

function treatmentsOf(random: SeededRandom): readonly Treatment[] {
  return random.pick<readonly Treatment[]>([
    ['answers'],
    ['answers', 'answers', 'answers', 'refuses', 'cuts'],
    ['answers', 'cuts', 'ends without an end', 'breaks before the answer', 'is silent'],
    ['answers', 'answers without usage', 'refuses', 'is not reached', 'breaks before the answer'],
    ['answers', 'answers', 'answers', 'answers', 'overcharges'],
  ])
}

function processPlans(random: SeededRandom, calm: boolean): readonly ProcessPlan[] {
  const count = random.pick([1, 1, 2])
  const plans: ProcessPlan[] = []
  for (let at = 0; at < count; at++) {
    const trouble = calm ? 'none' : random.pick(['none', 'none', 'dies at a word', 'dies', 'stops'] as const)
    plans.push({
      name: `p${at}`,
      startMs: 0,
      skewMs: random.pick([0, 0, 900, -900]),
      dieAfter: trouble === 'dies at a word' ? random.integer(1, 160) : undefined,
      dieMs: trouble === 'dies' ? random.integer(0, 4_000) : undefined,
      stop:
        trouble === 'stops' ? { atMs: random.integer(0, 3_000), forMs: random.pick([500, 5_000, 30_000]) } : undefined,
    })
  }
  // somebody starts what has died again
  if (plans.some(({ dieAfter, dieMs }) => dieAfter !== undefined || dieMs !== undefined)) {
    const startMs = random.integer(500, 5_000)
    plans.push({ name: 'again', startMs, skewMs: 0, dieAfter: undefined, dieMs: undefined, stop: undefined })
  }
  return plans
}

const scopes = {
  house: { type: 'all' },
  team: { type: 'chain', name: 'front' },
  night: { type: 'tag', name: 'night' },
  web: { type: 'key', name: 'web' },
  east: { type: 'provider', name: 'east' },
} as const

function budgetPlans(random: SeededRandom): Pick<MoneyPlan, 'budgets' | 'holdings'> {
  const names = (Object.keys(scopes) as (keyof typeof scopes)[]).filter(name =>
    random.chance(name === 'house' ? 0.7 : 0.3),
  )
  if (names.length === 0) names.push('house')
  const budgets = names.map(
    (name): BudgetDefinition => ({
      name,
      // a call's bound is up to some thousands: from less than one call to more than all of them
      limit: random.pick([700n, 2_500n, 6_000n, 15_000n, 50_000n, 5_000_000n]),
      window: random.pick(['hour', 'hour', 'day', 'total'] as const),
      kind: random.chance(0.1) ? 'soft' : 'hard',
      alertAt: random.pick([[], [0.5], [0.8, 1]]),
      onLow: random.chance(0.2) ? 'clamp' : 'refuse',
      maxWaitMs: random.pick([0, 0, 400, 5_000]),
    }),
  )
  return { budgets, holdings: names.map(name => ({ scope: scopes[name], name })) }
}

/** At most one, which holds for all. */
function limitPlans(random: SeededRandom): readonly LimitDefinition[] {
  if (random.chance(0.75)) return []
  return [
    {
      name: 'tier',
      mode: random.pick(['strict', 'strict', 'estimated'] as const),
      maxWaitMs: random.pick([0, 0, 2_000, 70_000]),
      ...(random.chance(0.6) && { requestsPerMinute: random.integer(1, 6) }),
      ...(random.chance(0.6) && { tokensPerMinute: random.integer(100, 800) }),
      ...(random.chance(0.1) && { requestsPerDay: random.integer(1, 6) }),
      // at least one
      ...(random.chance(0.1)
        ? { tokensPerDay: random.integer(200, 2_000) }
        : { requestsPerMinute: random.integer(1, 6) }),
    },
  ]
}

function callerPlans(random: SeededRandom, processes: number, limited: boolean): readonly CallerPlan[] {
  const count = random.chance(0.005) ? random.integer(40, 80) : random.integer(1, limited ? 8 : 5)
  // all at once, soon one after another, or for longer than a minute
  const withinMs = random.pick(limited ? [0, 6_000, 150_000] : [0, 0, 6_000])
  const plans: CallerPlan[] = []
  for (let at = 0; at < count; at++) {
    plans.push({ ...callerPlan(random, at, processes), startMs: random.integer(0, withinMs) })
  }
  return plans
}

function callerPlan(random: SeededRandom, at: number, processes: number): CallerPlan {
  return {
    name: `call-${at}`,
    process: random.integer(0, processes - 1),
    startMs: 0,
    operation: random.pick(['stream', 'stream', 'stream', 'whole', 'embed']),
    inputBytes: random.integer(1, 100),
    maxOutputTokens: random.chance(0.7) ? random.integer(1, 160) : undefined,
    principal: random.pick([undefined, 'web', 'cron']),
    tags: random.pick([[], ['night']]),
    abort: random.pick(['never', 'never', 'never', 'at some time', random.integer(0, 3_000)] as const),
    deadlineMs: random.chance(0.1) ? random.integer(1, 4_000) : undefined,
    pauseMs: random.pick([0, 0, 0, 300, 8_000, 12_000]),
    leavesAfter: random.chance(0.1) ? random.integer(0, 2) : undefined,
  }
}

/** What the plan says of whom a budget holds for, beside what the code under test makes of it. */
export function holdsFor(
  budget: string,
  attempt: Pick<AttemptInfo, 'provider'> & Pick<CallerPlan, 'principal' | 'tags'>,
): boolean {
  if (budget === 'night') return attempt.tags.includes('night')
  if (budget === 'web') return attempt.principal === 'web'
  if (budget === 'east') return attempt.provider === 'east'
  return true
}
