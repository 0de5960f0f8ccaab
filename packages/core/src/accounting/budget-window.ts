import { SwitchyardError } from '../contract/errors.ts'

/** How long a budget lasts before it renews, by the calendar of its time zone; weeks begin on Mondays. */
export type BudgetWindowName = 'hour' | 'day' | 'week' | 'month' | 'total'

/** From `startsAt` until just before `endsAt`, in milliseconds since 1970; a total starts at 0 and never ends. */
export interface BudgetWindow {
  readonly startsAt: number
  readonly endsAt: number
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const total: BudgetWindow = { startsAt: 0, endsAt: Number.POSITIVE_INFINITY }

/**
 * Tells the window that a moment is in. The windows of a budget leave no gap and do not overlap, whatever clocks are
 * put forward or back: a day has 23, 24 or 25 hours, and begins with its first moment, which may not be midnight.
 *
 * @throws {SwitchyardError} `invalid-request` for a time zone that is none.
 */
export function budgetWindows(name: BudgetWindowName, timeZone = 'UTC'): (at: number) => BudgetWindow {
  if (name === 'total') return () => total
  const calendar = new Calendar(timeZone)
  // what is asked is nearly always the window of the last time
  let last: BudgetWindow = { startsAt: 0, endsAt: 0 }
  return at => {
    if (at < last.startsAt || at >= last.endsAt) last = name === 'hour' ? calendar.hour(at) : calendar.days(name, at)
    return last
  }
}

class Calendar {
  readonly #format: Intl.DateTimeFormat

  constructor(timeZone: string) {
    const numeric = 'numeric'
    try {
      this.#format = new Intl.DateTimeFormat('en-US', {
        timeZone,
        hourCycle: 'h23',
        year: numeric,
        month: numeric,
        day: numeric,
        hour: numeric,
        minute: numeric,
        second: numeric,
      })
    } catch {
      const message = `"${timeZone}" is no time zone that is known here: name one as IANA does, like "Europe/Berlin".`
      throw new SwitchyardError('invalid-request', message, { param: 'timeZone' })
    }
  }

  /** An hour of the clock; one that a change of the clocks cuts is two. */
  hour(at: number): BudgetWindow {
    const offset = this.#offset(at)
    const startsAt = at - modulo(at + offset, hourMs)
    const isOffset = (moment: number): boolean => this.#offset(moment) === offset
    return {
      startsAt: isOffset(startsAt) ? startsAt : first(startsAt, at, isOffset),
      endsAt: isOffset(startsAt + hourMs - 1)
        ? startsAt + hourMs
        : first(at, startsAt + hourMs, moment => !isOffset(moment)),
    }
  }

  days(name: 'day' | 'week' | 'month', at: number): BudgetWindow {
    let day = this.#day(at)
    // clocks that are put back over midnight make a date come twice: it belongs to the day that has begun
    if (at >= this.#dayStart(day + 1)) day++
    const [firstDay, nextDay] = daysOf(name, day)
    return { startsAt: this.#dayStart(firstDay), endsAt: this.#dayStart(nextDay) }
  }

  /** The first moment of this day or, where a country left it out, of the next. */
  #dayStart(day: number): number {
    const midnight = day * dayMs
    const offsets = [this.#offset(midnight - dayMs), this.#offset(midnight + dayMs)]
    const earliest = midnight - Math.max(...offsets)
    const latest = midnight - Math.min(...offsets)
    const begins = (moment: number): boolean => this.#day(moment) >= day && this.#day(moment - 1) < day
    if (begins(earliest)) return earliest
    if (begins(latest)) return latest
    return first(earliest - 1, latest, moment => this.#day(moment) >= day)
  }

  /** The date there, as days since 1970. */
  #day(at: number): number {
    return Math.floor((at + this.#offset(at)) / dayMs)
  }

  #offset(at: number): number {
    const second = at - modulo(at, 1_000)
    const [month, day, year, hour, minute, seconds] = (this.#format.format(second).match(/\d+/g) as string[]).map(
      Number,
    )
    return Date.UTC(year as number, (month as number) - 1, day, hour, minute, seconds) - second
  }
}

function daysOf(name: 'day' | 'week' | 'month', day: number): readonly [first: number, next: number] {
  if (name === 'day') return [day, day + 1]
  if (name === 'week') {
    // 1970 began on a Thursday
    const monday = day - modulo(day + 3, 7)
    return [monday, monday + 7]
  }
  const date = new Date(day * dayMs)
  const month = (add: number): number => Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + add) / dayMs
  return [month(0), month(1)]
}

/** The first moment after `before` and until `until` for which it holds; it must not hold before and hold from then on. */
function first(before: number, until: number, holds: (moment: number) => boolean): number {
  let low = before
  let high = until
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (holds(middle)) high = middle
    else low = middle
  }
  return high
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by
}
