import type { UsageFigures, UsageGroup, UsageGrouping, UsageReport } from '@switchyard/ledger'
import type { BudgetStanding } from './budget-standings.ts'
import { roundedCount, roundedDollars, roundedDuration, roundedMoney, roundedShare, roundedTokens } from './rounded.ts'
import { printable, type TextColumn, textTable } from './text-table.ts'

export interface UsageTableOptions {
  /** Which ledger it is of. */
  readonly place: string
  readonly columns: number
}

/** The report for people: amounts and counts of tokens are rounded. */
export function usageTable(
  report: UsageReport,
  budgets: readonly BudgetStanding[],
  { place, columns }: UsageTableOptions,
): string {
  const parts = [
    [`Usage ${period(report)}`, ...filters(report), `Ledger: ${printable(place)}`],
    totals(report.total),
    ...Object.entries(report.by).map(([grouping, groups]) => groupTable(grouping as UsageGrouping, groups, columns)),
    budgetTable(budgets, columns),
    [...report.notes, ...overlaps(report), 'Amounts are rounded; --format json and --format csv give them exactly.'],
  ]
  return `${parts
    .filter(lines => lines.length > 0)
    .map(lines => lines.join('\n'))
    .join('\n\n')}\n`
}

function overlaps({ total, by }: UsageReport): readonly string[] {
  const shared = (['tag', 'chain'] as const).filter(grouping => {
    const counted = by[grouping]?.reduce((sum, { attempts }) => sum + attempts.total, 0) ?? 0
    return counted > total.attempts.total
  })
  if (shared.length === 0) return []
  const what = shared.map(grouping => `${grouping}s`).join(' and ')
  return [`What has several ${what} counts under each of them: these add up to more than the total.`]
}

function period({ from, to, timeZone }: UsageReport): string {
  if (from === undefined && to === undefined) return `of all time (${timeZone})`
  const start = from === undefined ? 'from the beginning' : `from ${moment(from, timeZone)}`
  return `${start} ${to === undefined ? 'until now' : `until ${moment(to, timeZone)}`} (${timeZone})`
}

function moment(at: number, timeZone: string): string {
  // Sweden writes dates as ISO 8601 does
  const style = { timeZone, dateStyle: 'short', timeStyle: 'medium' } as const
  return new Intl.DateTimeFormat('sv-SE', style).format(at).replace(/ 00:00:00$/, '')
}

function filters({ filter }: UsageReport): readonly string[] {
  const said = Object.entries(filter).map(([name, value]) => `${name} ${printable(value)}`)
  return said.length === 0 ? [] : [`Only ${said.join(', ')}`]
}

function totals(total: UsageFigures): readonly string[] {
  const { requests, attempts, cost, tokens } = total
  if (requests.total === 0 && attempts.total === 0) return ['Nothing was used.']
  const input = tokens.input.uncached + tokens.input.cacheRead + written(total)
  const output = tokens.output.text + tokens.output.reasoning
  const average = total.averageCostPerRequest
  return [
    line(
      'Cost',
      roundedMoney(cost.total),
      average === undefined ? '' : `${roundedMoney(average)} a request on average`,
    ),
    ...unsure('at most', cost.bounds, 'whose bill nobody knows'),
    ...unsure('at least', cost.unknown, 'at models without a known price'),
    line('Requests', roundedCount(requests.total), endings(requests)),
    line('Attempts', roundedCount(attempts.total), endings(attempts)),
    ...(total.errorRate ? [line('Errors', roundedShare(total.errorRate), errors(total))] : []),
    line('Tokens', roundedTokens(tokens.total), tokenParts(input, output, total)),
    ...latencyLines(total),
  ]
}

function line(name: string, value: string, rest: string): string {
  return `${name.padEnd(12)}${value.padEnd(12)}  ${rest}`.trimEnd()
}

function unsure(
  name: string,
  { attempts, cost, estimate }: UsageFigures['cost']['bounds'],
  what: string,
): readonly string[] {
  if (attempts === 0) return []
  const guess = estimate === 0n ? '' : `, guessed at ${roundedMoney(estimate)}`
  return [
    line(
      `  ${name}`,
      roundedMoney(cost),
      `of it for ${roundedCount(attempts)} ${attempts === 1 ? 'attempt' : 'attempts'} ${what}${guess}`,
    ),
  ]
}

function endings({ completed, failed, cancelled }: UsageFigures['attempts']): string {
  const said = [`${roundedCount(completed)} completed`]
  if (failed > 0) said.push(`${roundedCount(failed)} failed`)
  if (cancelled > 0) said.push(`${roundedCount(cancelled)} cancelled`)
  return said.join(', ')
}

const mostErrors = 3

function errors({ errors: kinds }: UsageFigures): string {
  // those are cancelled, which is no error
  const { aborted: _, ...failures } = kinds
  const said = Object.entries(failures).map(([kind, count]) => `${kind} ${roundedCount(count)}`)
  const more = said.length - mostErrors
  return `${said.slice(0, mostErrors).join(', ')}${more > 0 ? ` and ${more} kinds more` : ''}`
}

function written({ tokens }: UsageFigures): number {
  return Object.values(tokens.input.cacheWrite).reduce((sum, some) => sum + some, 0)
}

function tokenParts(input: number, output: number, { tokens }: UsageFigures): string {
  const cached = tokens.input.cacheRead > 0 ? ` (${roundedTokens(tokens.input.cacheRead)} from the cache)` : ''
  const reasoning = tokens.output.reasoning > 0 ? ` (${roundedTokens(tokens.output.reasoning)} reasoning)` : ''
  return `${roundedTokens(input)} in${cached}, ${roundedTokens(output)} out${reasoning}`
}

function latencyLines({ latency, firstToken, requestLatency }: UsageFigures): readonly string[] {
  const rows = [
    ['Requests', requestLatency],
    ['Attempts', latency],
    ['First token', firstToken],
  ] as const
  const measured = rows.filter(([, { count }]) => count > 0)
  if (measured.length === 0) return []
  const head = [left('LATENCY'), right('P50'), right('P95'), right('P99')]
  const cells = measured.map(([name, { p50, p95, p99 }]) => [name, ...[p50, p95, p99].map(roundedDuration)])
  return ['', ...textTable(head, cells, 80)]
}

function groupTable(grouping: UsageGrouping, groups: readonly UsageGroup[], columns: number): readonly string[] {
  if (groups.length === 0) return []
  const head = [
    left(grouping.toUpperCase()),
    ...['REQUESTS', 'ATTEMPTS', 'ERRORS', 'TOKENS', 'P95', 'USD', 'SHARE'].map(right),
  ]
  const rows = groups.map(group => [
    group.name ?? nameless[grouping],
    roundedCount(group.requests.total),
    roundedCount(group.attempts.total),
    roundedShare(group.errorRate),
    roundedTokens(group.tokens.total),
    roundedDuration(group.latency.p95),
    roundedDollars(group.cost.total),
    roundedShare(group.costShare),
  ])
  return textTable(head, rows, columns)
}

const nameless: Readonly<Record<UsageGrouping, string>> = {
  model: '(none answered)',
  provider: '(none answered)',
  key: '(no key)',
  tag: '(no tag)',
  chain: '(no chain)',
  day: '',
}

function budgetTable(budgets: readonly BudgetStanding[], columns: number): readonly string[] {
  if (budgets.length === 0) return []
  const head = [left('BUDGET'), left('EACH'), ...['LIMIT', 'SPENT', 'HELD', 'LEFT', 'USED'].map(right)]
  const rows = budgets.map(({ name, window, limit, settled, held, left: rest, usedShare }) => [
    name,
    window,
    ...[limit, settled, held, rest].map(roundedMoney),
    roundedShare(usedShare),
  ])
  return textTable(head, rows, columns)
}

function left(title: string): TextColumn {
  return { title, align: 'left' }
}

function right(title: string): TextColumn {
  return { title, align: 'right' }
}
