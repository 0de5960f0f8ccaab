import { formatMoney } from '@switchyard/core'
import { compareBills } from './bill-comparison.ts'
import { isRefusedBy } from './callers.ts'
import { budgetLimit, limits } from './configuration.ts'
import type { FleetRecord } from './fleet-record.ts'
import { billed } from './prices.ts'
import { mostInAnyWindow } from './rolling-window.ts'

/** One promise, whether it was kept, and the numbers that say so. */
export interface Verdict {
  readonly promise: string
  readonly kept: boolean
  readonly seen: string
  /** Where it was broken; the first few. */
  readonly faults: readonly string[]
}

/**
 * The least share of the budget that must be gone at the end: who refuses everything proves nothing. How much of it
 * providers billed depends on how many answers were broken off, on a busy machine most.
 */
const leastSpentPercent = 90n

/** What became of the promises in one run. */
export function judge(record: FleetRecord): readonly Verdict[] {
  return [...ofTheBudget(record), ...ofTheLedger(record), ...ofTheLimits(record), ofTheRun(record)]
}

function ofTheBudget({ providers, highest, looks, standing }: FleetRecord): readonly Verdict[] {
  const bill = providers.reduce((sum, request) => sum + (request.bill ? billed(request.bill) : 0n), 0n)
  const spent = ((standing.settled + standing.charged) * 100n) / budgetLimit
  return [
    verdict('providers bill no more than the budget', bill <= budgetLimit, formatMoney(bill)),
    verdict(`at least ${leastSpentPercent} % of the budget is spent`, spent >= leastSpentPercent, `${spent} %`),
    verdict(
      'settled, reserved and charged never exceed the budget',
      highest <= budgetLimit && looks >= 100,
      `${formatMoney(highest)} at most, in ${looks} looks`,
    ),
    verdict(
      'at the end nothing is reserved, and no less than nothing charged',
      standing.reserved === 0n && standing.charged >= 0n,
      `settled ${formatMoney(standing.settled)}, charged ${formatMoney(standing.charged)}`,
    ),
  ]
}

function ofTheLedger({ attempts, providers, callers, completed, standing, damage }: FleetRecord): readonly Verdict[] {
  const requestIds = new Map(callers.map(({ traceId, requestId }) => [traceId, requestId]))
  const requestIdOf = (traceId: string) => requestIds.get(traceId) ?? `unknown caller ${traceId}`
  const comparison = compareBills(attempts, providers, requestIdOf)

  const ended = new Map(callers.map(request => [request.traceId, request]))
  const unexcused = comparison.unrecorded.filter(({ traceId }) => {
    const request = ended.get(traceId)
    const answered = request?.answered.type
    const died = damage.killed.some(({ gateway, at }) => gateway === request?.gateway && at >= request.at)
    return !died || (answered !== 'lost' && answered !== 'left')
  })

  const acknowledged = callers.filter(({ answered }) => answered.type === 'acknowledged')
  const recorded = new Set(completed)
  const missing = acknowledged.filter(({ requestId }) => !recorded.has(requestId))
  const costs = new Map<string, bigint>()
  for (const { requestId, cost } of attempts) costs.set(requestId, (costs.get(requestId) ?? 0n) + cost)
  const mistold = acknowledged.filter(
    ({ requestId, answered }) =>
      answered.type === 'acknowledged' && answered.cost !== formatMoney(costs.get(requestId) ?? 0n),
  )
  const entered = attempts.reduce((sum, { cost }) => sum + cost, 0n)
  return [
    verdict(
      'a bill in the ledger is the bill of the provider, to the last digit',
      comparison.faults.length === 0 && comparison.equal > 0,
      `${comparison.equal} equal, ${comparison.bounded} within their bound`,
      comparison.faults,
    ),
    verdict(
      'what was billed and not recorded belonged to a killed process, and is charged',
      unexcused.length === 0 && comparison.unrecordedSum <= standing.charged,
      `${comparison.unrecorded.length} for ${formatMoney(comparison.unrecordedSum)}`,
      unexcused.map(
        ({ traceId, provider }) => `${requestIdOf(traceId)} at ${provider}: ${JSON.stringify(ended.get(traceId))}`,
      ),
    ),
    verdict(
      'no acknowledged answer is missing from the ledger',
      missing.length === 0,
      `${acknowledged.length} acknowledged`,
      missing.map(({ requestId, gateway }) => `${requestId} of ${gateway}`),
    ),
    verdict('no request is in the ledger twice', recorded.size === completed.length, `${completed.length} completed`),
    verdict(
      'an answer tells what the ledger says it cost',
      mistold.length === 0,
      `${acknowledged.length - mistold.length} told`,
      mistold.map(
        ({ requestId, answered }) =>
          `${requestId}: told ${JSON.stringify(answered)}, recorded ${formatMoney(costs.get(requestId) ?? 0n)}`,
      ),
    ),
    verdict('what is settled is the sum of the entries', entered === standing.settled, formatMoney(entered)),
  ]
}

function ofTheLimits({ providers }: FleetRecord): readonly Verdict[] {
  return Object.entries(limits).flatMap(([name, limit]) => {
    const seen = providers.filter(({ provider }) => provider === name)
    const requests = mostInAnyWindow(
      seen.map(({ arrivedAt }) => ({ at: arrivedAt, amount: 1 })),
      60_000,
    )
    const tokens = mostInAnyWindow(
      seen.map(({ arrivedAt, bill }) => ({
        at: arrivedAt,
        amount: (bill?.inputTokens ?? 0) + (bill?.outputTokens ?? 0),
      })),
      60_000,
    )
    const { requestsPerMinute, tokensPerMinute } = limit
    const verdicts: Verdict[] = []
    if (requestsPerMinute !== undefined) {
      const promise = `${name} never gets more than ${requestsPerMinute} requests in a minute`
      verdicts.push(verdict(promise, requests <= requestsPerMinute, `${requests} at most`))
    }
    if (tokensPerMinute !== undefined) {
      const promise = `${name} never makes more than ${tokensPerMinute} tokens in a minute`
      verdicts.push(verdict(promise, tokens <= tokensPerMinute, `${tokens} at most`))
    }
    return verdicts
  })
}

// a quiet run proves nothing
function ofTheRun({ damage, callers, providers, sawExpired, exitCodes }: FleetRecord): Verdict {
  const count = (type: string) => callers.filter(({ answered }) => answered.type === type).length
  const refused = (by: string) => callers.filter(({ answered }) => isRefusedBy(answered, by)).length
  const numbers = {
    kills: damage.kills,
    stops: damage.stops,
    flushes: damage.flushes,
    'Redis restarts': damage.redisRestarts,
    'connections to PostgreSQL cut': damage.cuts,
    'slabs expired': sawExpired ? 1 : 0,
    'callers left': count('left'),
    'connections lost': count('lost'),
    'streams failed': count('failed'),
    'refused by the budget': refused('budget "fleet"'),
    'refused for requests': refused('limit "north"'),
    'refused for tokens': refused('limit "west"'),
    'aborted bills': providers.filter(({ bill }) => bill?.state === 'aborted').length,
  }
  const quiet = Object.entries(numbers).filter(([, number]) => number === 0)
  const badEnds = exitCodes.filter(code => code !== 0)
  return verdict(
    'all of it happened, and every gateway ended well',
    quiet.length === 0 && badEnds.length === 0,
    Object.entries(numbers)
      .map(([name, number]) => `${number} ${name}`)
      .join(', '),
    [...quiet.map(([name]) => `never: ${name}`), ...badEnds.map(code => `a gateway ended with ${code}`)],
  )
}

function verdict(promise: string, kept: boolean, seen: string, faults: readonly string[] = []): Verdict {
  return { promise, kept, seen, faults: faults.slice(0, 5) }
}
