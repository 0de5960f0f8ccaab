import type { Money } from '@switchyard/core'
import { parseDate } from './calendar-date.ts'
import type { ModelData } from './model.ts'
import type { LongContextTier, PricePeriod, TokenPrices } from './prices.ts'

/** What is wrong with a provider's models on the day they tell of; nothing is none. One sentence each, with its place. */
export function modelProblems(models: readonly ModelData[], date: string): readonly string[] {
  return [...nameProblems(models), ...models.flatMap(model => oneModelProblems(model, models, date))]
}

function nameProblems(models: readonly ModelData[]): string[] {
  const meant = new Map<string, string>()
  const problems: string[] = []
  for (const { id, aliases = [], datedIds = [], distinctSnapshots = [] } of models) {
    for (const name of [id, ...aliases, ...datedIds, ...distinctSnapshots]) {
      if (name === '') problems.push(`${id}: a name is empty.`)
      const other = meant.get(name)
      if (other !== undefined) problems.push(`${id}: the name "${name}" already stands for ${other}.`)
      meant.set(name, id)
    }
  }
  return problems
}

function oneModelProblems(model: ModelData, models: readonly ModelData[], date: string): string[] {
  const problems = [...shapeProblems(model), ...statusProblems(model, date), ...replacementProblems(model, models)]
  return problems.map(problem => `${model.id}: ${problem}`)
}

/** What is wrong with a model whatever the day and the other models. */
export function shapeProblems(model: ModelData): readonly string[] {
  return [
    ...limitProblems(model),
    ...dateProblems(model),
    ...periodProblems(model.prices),
    ...batchProblems(model),
    ...rateLimitProblems(model),
  ]
}

function limitProblems(model: ModelData): string[] {
  const { contextWindow, maxInputTokens, maxOutputTokens, embeddingDimensions } = model
  const limits = { contextWindow, maxInputTokens, maxOutputTokens, embeddingDimensions }
  const problems = notCounts(limits)
  for (const [name, limit] of Object.entries({ maxInputTokens, maxOutputTokens })) {
    if (contextWindow !== undefined && limit !== undefined && limit > contextWindow) {
      problems.push(`${name} is over contextWindow.`)
    }
  }
  return problems
}

function notCounts(numbers: Readonly<Record<string, number | undefined>>): string[] {
  return Object.entries(numbers)
    .filter(([, number]) => number !== undefined && !(Number.isSafeInteger(number) && number > 0))
    .map(([name, number]) => `${name} must be a whole number over 0, and is ${number}.`)
}

function dateProblems({ released, retirement, prices }: ModelData): string[] {
  const dates = {
    released,
    'retirement.date': retirement?.date,
    'retirement.notBefore': retirement?.notBefore,
    ...Object.fromEntries(prices.map((period, at) => [`prices[${at}].from`, period.from])),
  }
  const problems = Object.entries(dates)
    .filter(([, date]) => date !== undefined && parseDate(date) === undefined)
    .map(([name, date]) => `${name} is no day: ${date}.`)
  if (released !== undefined && retirement?.date !== undefined && retirement.date <= released) {
    problems.push('it retires before it is released.')
  }
  return problems
}

function statusProblems({ status, retirement }: ModelData, date: string): string[] {
  const end = retirement?.date
  if (status === 'retired') {
    return end !== undefined && end <= date ? [] : ['it is retired, and its retirement.date is not past.']
  }
  if (end !== undefined && end <= date && retirement?.disputed !== true) {
    return [`it is ${status}, and its retirement.date is past.`]
  }
  if (status === 'deprecated') return end === undefined ? ['it is deprecated, and has no retirement.date.'] : []
  return end === undefined ? [] : [`it is ${status}, and has a retirement.date.`]
}

function replacementProblems({ id, retirement }: ModelData, models: readonly ModelData[]): string[] {
  const problems: string[] = []
  const named = retirement?.replacement
  if (named !== undefined) {
    const replacement = models.find(other => other.id === named)
    if (named === id || replacement === undefined) problems.push(`its replacement ${named} is no other model here.`)
    else if (replacement.status === 'retired') problems.push(`its replacement ${named} is retired.`)
    else if (replacement.retirement?.routed) problems.push(`its replacement ${named} is itself routed to another.`)
  }
  if (retirement?.routed && (retirement.date === undefined || named === undefined)) {
    problems.push('it is routed, and has no retirement.date or no replacement.')
  }
  return problems
}

function periodProblems(periods: readonly PricePeriod[]): string[] {
  const problems: string[] = []
  for (const [at, period] of periods.entries()) {
    const place = `prices[${at}]`
    const before = periods[at - 1]
    if (before === undefined && period.from !== undefined) problems.push(`${place} is the first, and has a from.`)
    if (before !== undefined && !((before.from ?? '') < (period.from ?? ''))) {
      problems.push(`${place}.from is not after the period before it.`)
    }
    problems.push(...priceProblems(period, place))
    for (const [name, price] of Object.entries(period.units ?? {})) {
      problems.push(...negative(price, `${place}.units.${name}`))
    }
    problems.push(...tierProblems(period.longContext ?? [], place))
  }
  return problems
}

function tierProblems(tiers: readonly LongContextTier[], place: string): string[] {
  return tiers.flatMap((tier, at) => {
    const name = `${place}.longContext[${at}]`
    const problems = [...notCounts({ [`${name}.tokens`]: tier.tokens }), ...priceProblems(tier, name)]
    const before = tiers[at - 1]
    if (before !== undefined && before.tokens >= tier.tokens)
      problems.push(`${name} is not longer than the tier before.`)
    return problems
  })
}

function priceProblems({ input, output, cachedInput, cacheWrite, reasoning }: TokenPrices, place: string): string[] {
  const prices = { input, output, cachedInput, reasoning }
  const writes = Object.entries(cacheWrite ?? {}).map(([lifetime, price]) => [`cacheWrite.${lifetime}`, price] as const)
  const problems = [...Object.entries(prices), ...writes].flatMap(([name, price]) =>
    negative(price, `${place}.${name}`),
  )
  if (cachedInput !== undefined && input !== undefined && cachedInput > input) {
    problems.push(`${place}.cachedInput is over input.`)
  }
  return problems
}

function negative(price: Money | undefined, place: string): string[] {
  return price !== undefined && price < 0n ? [`${place} is negative.`] : []
}

function batchProblems({ batch }: ModelData): string[] {
  if (batch === undefined || batch === 'none') return []
  return batch.percentOff > 0n && batch.percentOff < 100n ? [] : ['batch.percentOff is not between 0 and 100.']
}

function rateLimitProblems({ rateLimits = [] }: ModelData): string[] {
  const tiers = rateLimits.map(({ tier }) => tier)
  const problems = rateLimits.flatMap(({ tier, ...numbers }) => notCounts(numbers).map(text => `${tier}: ${text}`))
  if (new Set(tiers).size < tiers.length) problems.push('two rateLimits are of one tier.')
  return problems
}
