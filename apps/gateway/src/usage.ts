import { type Config, holdings, type Switchyard } from '@switchyard/config'
import {
  type AttemptEntry,
  addMoney,
  type BudgetStanding,
  formatMoney,
  type Money,
  SwitchyardError,
} from '@switchyard/core'
import { type LedgerEntry, usageSummary } from '@switchyard/ledger'
import type { Caller } from './callers.ts'
import { HttpError } from './errors.ts'
import type { UsageQuery } from './usage-query.ts'

/** The body of `GET /usage`. @throws {HttpError} 404 for a request that this caller did not make. */
export async function usage(
  { ledger, accounting }: Pick<Switchyard, 'ledger' | 'accounting'>,
  config: Config,
  query: UsageQuery,
  caller: Caller,
): Promise<unknown> {
  if (ledger === undefined) throw new SwitchyardError('unavailable', 'This gateway keeps no ledger.')
  if (query.type === 'entry') return entryOf(await ledger.entry(query.requestId), query.requestId, caller)
  const { filter, timeZone } = query
  const [report, standings = []] = await Promise.all([
    ledger.usage(filter, { by: ['model'], ...(timeZone !== undefined && { timeZone }) }),
    accounting?.budgets(),
  ])
  const { total_requests, total_cost_usd, avg_cost_per_request, cost_by_model } = usageSummary(report)
  const budgets = standings.filter(({ name }) => caller.admin || isHeldBy(config, name, caller))
  return {
    total_requests,
    total_cost_usd,
    // of the one that is used up most
    budget_used_percent: Math.max(0, ...budgets.map(usedPercent)),
    avg_cost_per_request,
    cost_by_model,
    budgets: Object.fromEntries(budgets.map(standing => [standing.name, budgetFigures(standing)])),
  }
}

/** A key's own budgets: those of all tell what others spend. */
function isHeldBy(config: Config, budget: string, { name, tags }: Caller): boolean {
  return holdings(config, 'budget').some(({ name: held, scope }) => {
    if (held !== budget) return false
    return scope.type === 'key' ? scope.name === name : scope.type === 'tag' && tags.includes(scope.name)
  })
}

function budgetFigures(standing: BudgetStanding) {
  const { limit, settled, charged, reserved } = standing
  return {
    limit_usd: dollars(limit),
    spent_usd: dollars(settled + charged),
    reserved_usd: dollars(reserved),
    used_percent: usedPercent(standing),
  }
}

function usedPercent({ usedShare }: BudgetStanding): number {
  return Number((usedShare * 100).toFixed(4))
}

function entryOf(entries: readonly LedgerEntry[], requestId: string, caller: Caller): unknown {
  const own = entries.filter(
    ({ request, attempts }) => caller.admin || (request ?? attempts[0])?.principal === caller.name,
  )
  // clients choose the ids, and may choose one again: the last is told first
  const [last, ...earlier] = own.map(told).reverse()
  if (last === undefined) {
    throw new HttpError(
      404,
      'not_found',
      `No request with the id ${JSON.stringify(requestId.slice(0, 128))} is recorded here.`,
    )
  }
  return { ...last, ...(earlier.length > 0 && { earlier }) }
}

function told({ request, attempts }: LedgerEntry) {
  const entry = request ?? attempts[0]
  const cost = addMoney(...attempts.map(attempt => attempt.cost))
  return {
    request_id: entry?.requestId,
    at: entry && new Date(entry.at).toISOString(),
    chain: request?.chain ?? attempts[0]?.chains[0],
    model: request?.model,
    key: entry?.principal,
    tags: entry?.tags,
    // a process that died before its end never said
    outcome: request?.outcome ?? 'unknown',
    error: request?.errorKind,
    finish_reason: request?.finishReason,
    target: request?.target,
    latency_ms: request?.latencyMs,
    first_token_ms: request?.firstTokenMs,
    prompt: request?.prompt,
    cost: formatMoney(cost),
    cost_usd: dollars(cost),
    attempts: attempts.map(toldAttempt),
  }
}

function toldAttempt(attempt: AttemptEntry) {
  const { cost, estimate } = attempt
  return {
    at: new Date(attempt.at).toISOString(),
    target: attempt.target,
    chains: attempt.chains,
    attempt: attempt.attempt,
    outcome: attempt.outcome,
    error: attempt.errorKind,
    status: attempt.status,
    finish_reason: attempt.finishReason,
    latency_ms: attempt.latencyMs,
    first_token_ms: attempt.firstTokenMs,
    usage: attempt.usage,
    cost: formatMoney(cost),
    cost_usd: dollars(cost),
    cost_is: attempt.costIs,
    estimate: estimate === undefined ? undefined : formatMoney(estimate),
  }
}

/** The nearest number. */
function dollars(amount: Money): number {
  return Number.parseFloat(formatMoney(amount))
}
