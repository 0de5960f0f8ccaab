import { SwitchyardError } from '@switchyard/core'
import type { UsageDimension } from './usage-dimension.ts'
import type { UsageFilter, UsageGrouping, UsageOptions } from './usage-report.ts'
import type { TimeRange } from './usage-spans.ts'
import { ZoneDays } from './zone-days.ts'

export const groupings = ['model', 'provider', 'key', 'tag', 'chain', 'day'] as const satisfies readonly UsageGrouping[]

/** A filter and options that were checked. */
export interface UsageQuestion {
  readonly range: Partial<TimeRange>
  readonly filter: Omit<UsageFilter, 'from' | 'to'>
  readonly by: readonly UsageGrouping[]
  readonly zone: ZoneDays
}

/** @throws {SwitchyardError} `invalid-request`, with `param`, for what cannot be asked. */
export function usageQuestion(filter: UsageFilter = {}, options: UsageOptions = {}): UsageQuestion {
  const zone = new ZoneDays(options.timeZone ?? 'UTC')
  const by = options.by ?? []
  for (const name of by) {
    if (!groupings.includes(name)) throw mistake('by', `usage is not grouped by "${name}"`, groupings.join(', '))
  }
  const from = filter.from === undefined ? undefined : moment('from', filter.from, zone)
  const to = filter.to === undefined ? undefined : moment('to', filter.to, zone)
  if (from !== undefined && to !== undefined && from >= to) {
    const said = `${new Date(from).toISOString()} is not before ${new Date(to).toISOString()}`
    throw mistake('from', said, '"from" is the first moment that counts, "to" the first that does not')
  }
  const { key, chain, model, provider, tag } = filter
  const named = Object.entries({ key, chain, model, provider, tag }).filter(([, name]) => name !== undefined)
  return {
    range: { ...(from !== undefined && { from }), ...(to !== undefined && { to }) },
    filter: Object.fromEntries(named),
    by: [...new Set(by)],
    zone,
  }
}

export function matches(filter: UsageQuestion['filter'], dimension: UsageDimension): boolean {
  const { key, chain, model, provider, tag } = filter
  return (
    (key === undefined || dimension.principal === key) &&
    (chain === undefined || dimension.chains.includes(chain)) &&
    (model === undefined || dimension.target === model) &&
    (provider === undefined || dimension.provider === provider) &&
    (tag === undefined || dimension.tags.includes(tag))
  )
}

const isoMoment = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?)?$/
const latest = Date.UTC(10_000, 0)

function moment(param: 'from' | 'to', value: number | string, zone: ZoneDays): number {
  const at = typeof value === 'number' ? value : parseMoment(value.trim(), zone)
  if (at !== undefined && Number.isInteger(at) && at >= 0 && at < latest) return at
  throw mistake(
    param,
    `"${value}" is no moment since 1970`,
    'use milliseconds since 1970, 2026-11-21, 2026-11-21T10:00 or 2026-11-21T10:00:00Z',
  )
}

function parseMoment(text: string, zone: ZoneDays): number | undefined {
  if (/^\d+$/.test(text)) return Number(text)
  const match = isoMoment.exec(text)
  if (match === null) return undefined
  const [, , , day, hour = '00', minute = '00', second = '00', fraction = '', offset] = match
  const local = Date.parse(`${text.slice(0, 10)}T${hour}:${minute}:${second}${fraction}Z`)
  // 2026-02-30 would be the second of March
  if (Number.isNaN(local) || new Date(local).getUTCDate() !== Number(day)) return undefined
  if (offset === undefined) return zone.momentOf(local)
  if (offset === 'Z') return local
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4))
  return local - (offset.startsWith('-') ? -1 : 1) * minutes * 60_000
}

function mistake(param: string, said: string, cure: string): SwitchyardError {
  return new SwitchyardError('invalid-request', `${param}: ${said}; ${cure}.`, { param })
}
