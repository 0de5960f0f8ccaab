import type { FigureDimension } from './read-rollups.ts'
import type { UsageDimension } from './usage-dimension.ts'
import { FiguresBuilder } from './usage-figures.ts'
import type { UsageQuestion } from './usage-question.ts'
import type { UsageGroup, UsageGrouping, UsageReport } from './usage-report.ts'
import type { UsageSums } from './usage-sums.ts'
import { dayName } from './zone-days.ts'

/** Parts of a report that are added up alike. */
export type UsagePart = 'total' | Exclude<UsageGrouping, 'day'>

/** Adds up what is found, in all groups that were asked for. */
export class UsageTally {
  readonly #question: UsageQuestion
  readonly #total = new FiguresBuilder()
  readonly #groups = new Map<UsageGrouping, Map<string | undefined, FiguresBuilder>>()
  readonly #notes = new Set<string>()

  constructor(question: UsageQuestion) {
    this.#question = question
    for (const grouping of question.by) this.#groups.set(grouping, new Map())
  }

  /** @param parts Those that it counts in; default all but days. */
  add(dimension: UsageDimension, sums: UsageSums, parts?: readonly UsagePart[]): void {
    if (parts === undefined || parts.includes('total')) this.#total.add(dimension, sums)
    for (const [grouping, groups] of this.#groups) {
      if (grouping === 'day' || parts?.includes(grouping) === false) continue
      for (const name of namesOf[grouping](dimension)) builderOf(groups, name).add(dimension, sums)
    }
  }

  addToDay(day: number, dimension: FigureDimension, sums: UsageSums): void {
    const days = this.#groups.get('day')
    if (days !== undefined) builderOf(days, dayName(day)).add(dimension, sums)
  }

  note(text: string): void {
    this.#notes.add(text)
  }

  report(): UsageReport {
    const { range, filter, zone } = this.#question
    const groups = [...this.#groups].map(([grouping, builders]) => [grouping, this.#group(grouping, builders)])
    return {
      ...range,
      timeZone: zone.timeZone,
      filter,
      total: this.#total.figures(),
      by: Object.fromEntries(groups),
      notes: [...this.#notes],
    }
  }

  #group(grouping: UsageGrouping, builders: ReadonlyMap<string | undefined, FiguresBuilder>): readonly UsageGroup[] {
    const total = this.#total.cost
    const groups = [...builders].map(([name, builder]) => ({
      ...(name !== undefined && { name }),
      ...builder.figures(),
      ...(total > 0n && { costShare: share(builder.cost, total) }),
    }))
    return groups.sort(grouping === 'day' ? byName : byCost)
  }
}

type NamesOf = (dimension: UsageDimension) => readonly (string | undefined)[]

const namesOf: Readonly<Record<Exclude<UsageGrouping, 'day'>, NamesOf>> = {
  model: ({ target }) => [target ?? undefined],
  provider: ({ provider }) => [provider ?? undefined],
  key: ({ principal }) => [principal ?? undefined],
  tag: ({ tags }) => (tags.length === 0 ? [undefined] : tags),
  chain: ({ chains }) => [...new Set(chains)],
}

function builderOf(groups: Map<string | undefined, FiguresBuilder>, name: string | undefined): FiguresBuilder {
  let builder = groups.get(name)
  if (builder === undefined) {
    builder = new FiguresBuilder()
    groups.set(name, builder)
  }
  return builder
}

// money is larger than what a number holds exactly; a share need not be exact
function share(part: bigint, total: bigint): number {
  return Number((part * 1_000_000_000n) / total) / 1_000_000_000
}

function byName(one: UsageGroup, other: UsageGroup): number {
  const [first = '', second = ''] = [one.name, other.name]
  return first < second ? -1 : first > second ? 1 : 0
}

function byCost(one: UsageGroup, other: UsageGroup): number {
  const difference = other.cost.total - one.cost.total
  if (difference !== 0n) return difference > 0n ? 1 : -1
  return other.attempts.total - one.attempts.total || other.requests.total - one.requests.total || byName(one, other)
}
