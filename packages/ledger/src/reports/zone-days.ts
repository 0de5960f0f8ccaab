import { SwitchyardError } from '@switchyard/core'
import type { TimeRange } from './usage-spans.ts'

const dayMs = 86_400_000

/** Days of a time zone, by number: 0 is 1970-01-01. They have 23 to 25 hours. */
export class ZoneDays {
  readonly timeZone: string
  readonly #format: Intl.DateTimeFormat

  /** @throws {SwitchyardError} `invalid-request` for a time zone that nobody knows. */
  constructor(timeZone: string) {
    this.timeZone = timeZone
    try {
      this.#format = new Intl.DateTimeFormat('en-US', {
        timeZone,
        calendar: 'iso8601',
        hourCycle: 'h23',
        year: 'numeric',
        month: '2-digit',
        day: '2-digit',
        hour: '2-digit',
        minute: '2-digit',
        second: '2-digit',
      })
    } catch {
      const message = `"${timeZone}" is no time zone; use a name such as UTC or Europe/Berlin.`
      throw new SwitchyardError('invalid-request', message, { param: 'timeZone' })
    }
  }

  /** What local clocks are ahead of UTC at the moment, in milliseconds. */
  offsetAt(at: number): number {
    if (this.timeZone === 'UTC') return 0
    const fields: Record<string, number> = {}
    for (const { type, value } of this.#format.formatToParts(at)) fields[type] = Number(value)
    const { year, month, day, hour, minute, second } = fields as Record<string, number>
    const local = Date.UTC(year as number, (month as number) - 1, day, hour, minute, second)
    return local - Math.floor(at / 1000) * 1000
  }

  dayOf(at: number): number {
    return Math.floor((at + this.offsetAt(at)) / dayMs)
  }

  /** Its first moment. */
  startOf(day: number): number {
    return this.momentOf(day * dayMs)
  }

  /** The first moment when local clocks show this, or more where they skip it; in milliseconds of a clock on UTC. */
  momentOf(local: number): number {
    const shows = (at: number): number => at + this.offsetAt(at)
    // clocks before and after any change nearby; the earlier moment comes first
    const before = local - this.offsetAt(local - dayMs)
    if (shows(before) === local) return before
    const after = local - this.offsetAt(local + dayMs)
    if (shows(after) === local) return after
    // skipped: the moment of the change
    let [low, high] = [Math.min(before, after) - dayMs, Math.max(before, after)]
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if (shows(middle) >= local) high = middle
      else low = middle
    }
    return high
  }

  /** The days that lie in the range, wholly or in part, and what of them does. */
  within({ from, to }: TimeRange): readonly DayRange[] {
    const days: DayRange[] = []
    for (let at = from, day = this.dayOf(from); at < to; day++) {
      const end = Math.min(this.startOf(day + 1), to)
      if (end <= at) continue
      days.push({ day, from: at, to: end })
      at = end
    }
    return days
  }
}

export interface DayRange extends TimeRange {
  readonly day: number
}

/** `2026-11-21`. */
export function dayName(day: number): string {
  return new Date(day * dayMs).toISOString().slice(0, 10)
}
