import type { Accounting, BudgetStanding, Holding, Money, ScopedAttempt } from '@switchyard/core'
import { heldBy } from '@switchyard/core/accounting'

/** Where budgets stood at a moment, and what was spent from them since. */
interface Snapshot {
  readonly standings: ReadonlyMap<string, BudgetStanding>
  readonly readAt: number
  readonly spent: Map<string, Money>
}

const freshMs = 1_000

/**
 * How much is left of budgets, for the headers of answers: as the ledger said within the last second, less what was
 * spent here since. The ledger is asked at the start and then at most once a second, and no answer waits for it.
 */
export class BudgetsLeft {
  readonly #accounting: Pick<Accounting, 'budgets'>
  readonly #namesFor: (attempt: ScopedAttempt) => readonly string[]
  readonly #now: () => number
  #snapshot: Snapshot | undefined
  #reading: Promise<void> | undefined
  // what is spent while the ledger is read may be in what it says, or not: it is taken for not, and asked for again
  #spentMeanwhile = new Map<string, Money>()

  constructor(accounting: Pick<Accounting, 'budgets'>, holdings: readonly Holding[], now: () => number = Date.now) {
    this.#accounting = accounting
    this.#namesFor = heldBy(holdings, name => name)
    this.#now = now
  }

  /** Asks the ledger for the first time, so that no answer has to wait for it. */
  ready(): Promise<void> {
    return this.#read()
  }

  /** Takes note of what an attempt cost. */
  spent(attempt: ScopedAttempt, cost: Money): void {
    for (const name of this.#namesFor(attempt)) {
      for (const spent of [this.#snapshot?.spent, this.#spentMeanwhile])
        spent?.set(name, (spent.get(name) ?? 0n) + cost)
    }
  }

  /** What is left of the tightest budget that holds for the attempt; `undefined` where none does, or nobody can say. */
  async tightest(attempt: ScopedAttempt): Promise<Money | undefined> {
    const names = this.#namesFor(attempt)
    if (names.length === 0) return undefined
    const now = this.#now()
    if (this.#snapshot === undefined) await this.#read()
    else if (now - this.#snapshot.readAt >= freshMs) void this.#read()
    let tightest: Money | undefined
    for (const name of names) {
      const standing = this.#snapshot?.standings.get(name)
      if (standing === undefined || (standing.renewsAt ?? Number.POSITIVE_INFINITY) <= now) continue
      const { limit, settled, charged } = standing
      const rest = limit - settled - charged - (this.#snapshot?.spent.get(name) ?? 0n)
      const left = rest > 0n ? rest : 0n
      if (tightest === undefined || left < tightest) tightest = left
    }
    return tightest
  }

  #read(): Promise<void> {
    this.#reading ??= this.#readOnce().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  async #readOnce(): Promise<void> {
    const readAt = this.#now()
    this.#spentMeanwhile = new Map()
    try {
      const standings = await this.#accounting.budgets()
      const byName = new Map(standings.map(standing => [standing.name, standing]))
      const inDoubt = this.#spentMeanwhile.size > 0
      this.#snapshot = {
        standings: byName,
        readAt: inDoubt ? Number.NEGATIVE_INFINITY : readAt,
        spent: this.#spentMeanwhile,
      }
    } catch {
      // an answer is not held up for its headers
    }
    this.#spentMeanwhile = new Map()
  }
}
