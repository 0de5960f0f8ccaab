import { type BudgetDefinition, type LedgerRecord, type LedgerStore, type Money, parseMoney } from '@switchyard/core'
import type { World } from '../world/world.ts'
import { windowStart } from './calendar.ts'
import { holdsFor, type MoneyPlan } from './money-plan.ts'
import type { CallerState } from './simulated-caller.ts'
import type { Fate, SimulatedDatabase } from './simulated-database.ts'
import type { SimulatedVendor, VendorBill } from './simulated-vendor.ts'

/** Everything that is judged by: what vendors charge, what the database holds, what callers saw. */
export interface Evidence {
  readonly world: World
  readonly plan: MoneyPlan
  readonly ledger: LedgerStore
  readonly database: SimulatedDatabase
  readonly vendors: readonly SimulatedVendor[]
  readonly callers: readonly CallerState[]
}

/** Nothing went wrong that could cost money which nobody spent. */
function nothingWentWrong({ plan }: Evidence): boolean {
  return (
    plan.patienceMs * 3 < plan.leaseMs &&
    plan.away === undefined &&
    plan.fates.every(isHeard) &&
    plan.processes.every(({ dieAfter, dieMs, stop }) => dieAfter === undefined && dieMs === undefined && !stop)
  )
}

const isHeard = (fate: Fate): boolean => fate === 'heard' || fate === 'heard twice'

const excessOf = (bills: readonly VendorBill[]): Money => bills.reduce((sum, { excess }) => sum + excess, 0n)

/** After every change of the ledger: no hard budget is promised more than once. */
export async function judgeWindows({ world, plan, ledger, database, vendors }: Evidence): Promise<void> {
  const windows = [...database.windows.values()]
  if (windows.length === 0) return
  const excess = excessOf(vendors.flatMap(({ bills }) => bills))
  const states = await ledger.budgets(windows)
  for (const [at, { settled, reserved, charged }] of states.entries()) {
    const { budget, window, limit } = windows[at] as (typeof windows)[number]
    const amounts = `${settled} settled, ${reserved} reserved, ${charged} charged of ${limit} in ${budget} of ${window}`
    if (settled < 0n || reserved < 0n || charged < 0n) world.problem(`below nothing: ${amounts}`)
    if (!isHard(plan, budget)) continue
    if (settled + reserved + charged > limit + excess) world.problem(`over the limit: ${amounts}`)
  }
}

/** As a record is written: what hard budgets are charged was reserved before. */
export function judgeCharges({ world, plan, database }: Evidence, { attempt, charges }: LedgerRecord): void {
  if (plan.treatments.includes('overcharges')) return
  for (const { budget, window, amount, slabs } of charges) {
    if (!isHard(plan, budget)) continue
    const reserved = slabs.reduce((sum, slab) => sum + slab.amount, 0n)
    if (reserved !== amount) world.problem(`not reserved: ${amount - reserved} of ${attempt?.requestId} in ${budget}`)
    for (const slab of slabs) {
      const from = database.windowOf(slab.slab)
      if (from?.budget !== budget || from.window !== window) {
        world.problem(`reserved elsewhere: ${slab.slab} is of ${from?.window} in ${from?.budget}, and not of ${window}`)
      }
      if (database.leftOf(slab.slab) < 0n) world.problem(`used twice: a part of ${slab.slab} in ${budget}`)
    }
  }
}

/** At the moment that a caller is shown the end. */
export function judgeAcknowledgement({ world, plan, database }: Evidence, caller: CallerState): void {
  const { name } = caller.plan
  if (!database.requests.has(name)) {
    world.problem(`shown before the commit: ${name} has no entry`)
    return
  }
  if (caller.plan.operation === 'embed') return
  const told = caller.billed.reduce((sum, { cost }) => sum + (parseMoney(cost ?? '') ?? 0n), 0n)
  let kept = 0n
  for (const { attempt } of database.records.values()) if (attempt?.requestId === name) kept += attempt.cost
  // of an attempt whose record was lost on its way there is no entry; what a chain in a chain spends after the outer
  // one has lost its patience is not told
  const allRecorded = plan.away === undefined && plan.fates.every(isHeard)
  if ((allRecorded && told > kept) || (!plan.nested && told < kept)) {
    world.problem(`told another cost: ${told} to ${name}, and its entries are ${kept}`)
  }
}

/** When all is quiet: nobody waits, all processes have ended, all leases are over. */
export async function judgeRest(evidence: Evidence): Promise<void> {
  const { world, callers } = evidence
  for (const { plan, over, process, listeners, aborted, startedAt } of callers) {
    if (startedAt === undefined || process.isDead) continue
    if (!over) world.problem(`a hang: ${plan.name} waits, and nothing will happen any more`)
    if (!aborted && listeners !== 0) world.problem(`${listeners} listeners are left on the signal of ${plan.name}`)
  }
  await judgeBudgets(evidence)
  judgeEntries(evidence)
}

async function judgeBudgets(evidence: Evidence): Promise<void> {
  const { world, plan, ledger, database, vendors } = evidence
  const bills = vendors.flatMap(vendor => vendor.bills)
  for (const definition of plan.budgets) {
    const { name, limit } = definition
    const windows = [...database.windows.values()].filter(({ budget }) => budget === name)
    const states = await ledger.budgets(windows)
    const held = bills.filter(bill => isHeldBy(evidence, name, bill))
    for (const { window, settled, reserved, charged } of states) {
      const where = `${name} of ${window}`
      if (reserved !== 0n) world.problem(`a reservation is left: ${reserved} in ${where}`)
      if (charged !== 0n && nothingWentWrong(evidence)) world.problem(`charged without need: ${charged} in ${where}`)
      const entries = chargesOf(database, name, window)
      if (entries !== settled)
        world.problem(`not the sum of its entries: ${settled} settled in ${where}, entries of ${entries}`)
      const certain = held.filter(bill => windowsOf(evidence, definition, bill).every(at => at === window))
      const billed = certain.reduce((sum, bill) => sum + bill.amount, 0n)
      const foreseeable = billed - excessOf(certain)
      if (isHard(plan, name) && foreseeable > settled + charged) {
        world.problem(`money is missing: ${foreseeable} were billed in ${where}, and ${settled + charged} are counted`)
      }
      if (isHard(plan, name) && foreseeable > limit) {
        world.problem(`overspent: ${foreseeable} were billed in ${where} of ${limit}`)
      }
    }
  }
}

/** Every entry against the vendor's bill, and every bill against its entry. */
function judgeEntries(evidence: Evidence): void {
  const { world, plan, database, vendors } = evidence
  const bills = new Map<string, VendorBill>()
  for (const vendor of vendors) {
    for (const bill of vendor.bills) bills.set(bill.attemptId, bill)
  }
  const kept = new Set<string>()
  for (const { attempt, charges } of database.records.values()) {
    if (attempt === undefined) continue
    const key = attempt.id
    if (kept.has(key)) world.problem(`two entries: ${key}`)
    kept.add(key)
    const bill = bills.get(key)
    const amount = bill?.amount ?? 0n
    const words = `${attempt.requestId} at ${attempt.target}: the entry says ${attempt.cost} (${attempt.costIs}), the bill ${amount}`
    if (attempt.cost < amount - (bill?.excess ?? 0n)) world.problem(`too little: ${words}`)
    if (attempt.costIs === 'bill' && attempt.cost !== amount) world.problem(`not the bill: ${words}`)
    if (bill === undefined) continue
    for (const definition of plan.budgets) {
      const found = charges.filter(({ budget }) => budget === definition.name)
      const expected = isHeldBy(evidence, definition.name, bill) ? 1 : 0
      // what costs nothing need not be charged
      if (found.length !== expected && !(found.length < expected && attempt.cost === 0n)) {
        world.problem(`charged to others: ${found.length} charges to ${definition.name} for ${key}, not ${expected}`)
      }
      for (const { amount: charged, window } of found) {
        if (charged !== attempt.cost)
          world.problem(`charged another amount: ${charged} to ${definition.name}, ${words}`)
        if (!windowsOf(evidence, definition, bill).includes(window)) {
          world.problem(`the wrong window: ${window} of ${definition.name} is charged for ${key}`)
        }
      }
    }
  }
  if (!nothingWentWrong(evidence)) return
  for (const [key, { amount }] of bills)
    if (amount > 0n && !kept.has(key)) world.problem(`a bill without an entry: ${key}`)
}

function isHard(plan: MoneyPlan, budget: string): boolean {
  return plan.budgets.find(({ name }) => name === budget)?.kind !== 'soft'
}

function isHeldBy({ callers }: Evidence, budget: string, bill: VendorBill): boolean {
  const caller = callerOf(callers, bill)
  const [provider = ''] = bill.target.split('/')
  return caller !== undefined && holdsFor(budget, { provider, ...caller.plan })
}

function callerOf(callers: readonly CallerState[], bill: VendorBill): CallerState | undefined {
  return callers.find(({ plan }) => plan.name === bill.requestId)
}

/** The windows that an attempt may belong to: it began between its caller's question and its sending. */
function windowsOf({ callers }: Evidence, budget: BudgetDefinition, bill: VendorBill): readonly number[] {
  const asked = callerOf(callers, bill)?.startedAt ?? bill.sentAt
  return [windowStart(budget, asked), windowStart(budget, bill.sentAt)]
}

function chargesOf(database: SimulatedDatabase, budget: string, window: number): Money {
  let sum = 0n
  for (const { charges } of database.records.values()) {
    for (const charge of charges) if (charge.budget === budget && charge.window === window) sum += charge.amount
  }
  return sum
}
