import { type Config, holdings, type Switchyard } from '@switchyard/config'
import { type BilledAttempt, formatMoney, parseMoney, type ScopedAttempt } from '@switchyard/core'
import { heldBy } from '@switchyard/core/accounting'
import { BudgetsLeft } from './budgets-left.ts'
import { chainsThrough } from './chains-through.ts'

type Headers = Record<string, string | number>

/** A call as a client asked for it, of one chain. */
export interface AskedCall {
  readonly chain: string
  readonly context: ScopedAttempt['context']
}

/** What headers tell of budgets and limits, beside an answer. */
export class AnswerStanding {
  readonly #config: Config
  readonly #budgets: BudgetsLeft | undefined
  readonly #limiter: Switchyard['limiter']
  readonly #limitsFor: (attempt: ScopedAttempt) => readonly string[]

  constructor({ accounting, limiter }: Pick<Switchyard, 'accounting' | 'limiter'>, config: Config) {
    this.#config = config
    const held = holdings(config, 'budget')
    this.#budgets = accounting && held.length > 0 ? new BudgetsLeft(accounting, held) : undefined
    // elsewhere it would take a question for each header
    this.#limiter = config.redis === undefined ? limiter : undefined
    this.#limitsFor = heldBy(holdings(config, 'limit'), name => name)
  }

  /** Settles when answers need not wait for what it tells. */
  async ready(): Promise<void> {
    await this.#budgets?.ready()
  }

  /** Takes note of what attempts cost. */
  spent(call: AskedCall, billed: readonly BilledAttempt[] = []): void {
    for (const { target, cost } of billed) {
      const amount = cost === undefined ? undefined : parseMoney(cost)
      if (amount) this.#budgets?.spent(this.#attempt(call, target), amount)
    }
  }

  async headers(call: AskedCall, target: string): Promise<Headers> {
    if (this.#budgets === undefined && this.#limiter === undefined) return {}
    const attempt = this.#attempt(call, target)
    const left = await this.#budgets?.tightest(attempt)
    return {
      ...(left !== undefined && { 'x-switchyard-budget-remaining': formatMoney(left) }),
      ...(await this.#limitHeaders(attempt)),
    }
  }

  #attempt({ chain, context }: AskedCall, target: string): ScopedAttempt {
    const provider = target.split('/', 1)[0] as string
    return { chains: chainsThrough(this.#config, chain, target), provider, target, context }
  }

  /** As OpenAI tells them: the tightest limit of requests, and of tokens. */
  async #limitHeaders(attempt: ScopedAttempt): Promise<Headers> {
    const names = this.#limiter === undefined ? [] : this.#limitsFor(attempt)
    if (this.#limiter === undefined || names.length === 0) return {}
    const headers: Headers = {}
    const standings = await this.#limiter.standings(names)
    for (const unit of ['requests', 'tokens']) {
      const [tightest] = standings
        .filter(({ quantity }) => quantity.startsWith(unit))
        .sort((one, other) => one.left / one.limit - other.left / other.limit)
      if (tightest === undefined) continue
      headers[`x-ratelimit-limit-${unit}`] = tightest.limit
      headers[`x-ratelimit-remaining-${unit}`] = Math.max(0, Math.floor(tightest.left))
    }
    return headers
  }
}
