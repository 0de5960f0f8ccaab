import type { Evidence } from './money-judge.ts'
import type { VendorBill } from './simulated-vendor.ts'

/** A call that left a process, in milliseconds from the beginning. */
export interface Send {
  readonly bill: VendorBill
  readonly at: number
}

const minuteMs = 60_000

/** A shared count that is told while its process sleeps is older than what was sent. */
function isCountedInTime({ plan }: Evidence): boolean {
  return !plan.sharedLimits || plan.processes.every(({ stop }) => stop === undefined)
}

/** As a call is sent: no rolling minute has more of them than the limit. */
export function judgeLimits(evidence: Evidence, sends: readonly Send[]): void {
  if (!isCountedInTime(evidence)) return
  const { world, plan } = evidence
  const last = sends.at(-1)
  if (last === undefined) return
  for (const { name, requestsPerMinute, requestsPerDay } of plan.limits) {
    const held = sends.filter(({ bill }) => !bill.unsent && (plan.sharedLimits || bill.process === last.bill.process))
    const recent = held.filter(({ at }) => at > last.at - minuteMs).length
    if (recent > (requestsPerMinute ?? recent)) {
      world.problem(`beyond the limit: ${recent} requests in a minute of ${requestsPerMinute} in ${name}`)
    }
    if (held.length > (requestsPerDay ?? held.length)) {
      world.problem(`beyond the limit: ${held.length} requests in a day of ${requestsPerDay} in ${name}`)
    }
  }
}

/** At the end, when it is known what was used: of a strict limit no rolling minute has more tokens. */
export function judgeTokens(evidence: Evidence, sends: readonly Send[]): void {
  if (!isCountedInTime(evidence)) return
  const { world, plan } = evidence
  for (const { name, mode, tokensPerMinute } of plan.limits) {
    if (mode !== 'strict' || tokensPerMinute === undefined || plan.treatments.includes('overcharges')) continue
    for (const last of sends) {
      let tokens = 0
      for (const { bill, at } of sends) {
        const isHeld = plan.sharedLimits || bill.process === last.bill.process
        if (isHeld && at <= last.at && at > last.at - minuteMs) tokens += bill.tokens
      }
      if (tokens > tokensPerMinute) {
        world.problem(`beyond the limit: ${tokens} tokens in a minute of ${tokensPerMinute} in ${name}`)
      }
    }
  }
}
