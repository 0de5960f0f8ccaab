/** What a circuit is held to, in milliseconds and counts. */
export interface CircuitTerms {
  readonly windowMs: number
  readonly minimumCalls: number
  readonly failureRate: number
  readonly consecutiveFailures: number
  readonly openForMs: number
  readonly maxOpenForMs: number
  readonly halfOpenProbes: number
  readonly probeLeaseMs: number
}

/** Leave that a circuit gave for one call, as the outside saw it. */
export interface ModelPermit {
  readonly period: number
  readonly admittedAt: number
  sawToken: boolean
  settled: boolean
}

export type ModelOutcome =
  | { readonly type: 'success' | 'ignored' }
  | { readonly type: 'failure'; readonly retryAfterMs: number | undefined }

/** A change of state that the code under test told of. */
export interface Claim {
  readonly to: 'open' | 'half-open' | 'closed'
  readonly openForMs: number | undefined
}

type StateName = 'closed' | 'open' | 'half-open'

/** For the sake of sums of fractions. */
const hair = 1e-6

/**
 * One circuit as its documentation has it, fed with what the outside saw. It knows what must happen and what must
 * not; where the documentation leaves a choice (jitter, and which calls of the window's oldest tenth still count),
 * it follows what was told, within those bounds.
 */
export class CircuitModel {
  readonly #terms: CircuitTerms
  readonly #problem: (text: string) => void
  state: StateName = 'closed'
  #period = 0
  #until = 0
  #wasOpenUntil = 0
  #notBefore = Number.NEGATIVE_INFINITY
  #outcomes: { readonly at: number; readonly failed: boolean }[] = []
  #waiting: ModelPermit[] = []
  #streaming: ModelPermit[] = []
  #succeeded = 0
  #closing: ModelPermit[] = []
  #claims: Claim[] = []

  constructor(terms: CircuitTerms, problem: (text: string) => void) {
    this.#terms = terms
    this.#problem = problem
  }

  /** Told by the code under test, while it was doing what comes next. */
  claim(claim: Claim): void {
    this.#claims.push(claim)
  }

  wouldAdmit(now: number, early: boolean): boolean {
    if (this.state === 'closed') return true
    if (this.state === 'open') return now >= (early ? this.#notBefore : this.#until)
    const waiting = this.#waiting.filter(({ admittedAt }) => now < admittedAt + this.#terms.probeLeaseMs).length
    return now >= this.#notBefore && waiting + this.#succeeded < this.#terms.halfOpenProbes
  }

  /** A call was let through. */
  admitted(now: number, early: boolean): ModelPermit {
    if (!this.wouldAdmit(now, early)) this.#problem(this.#whyNot(now, early))
    if (this.state === 'open') {
      this.#wasOpenUntil = Math.max(now, this.#until)
      this.#become('half-open')
      this.#waiting = []
      this.#streaming = []
      this.#succeeded = 0
      this.#expect('half-open')
    }
    const permit = { period: this.#period, admittedAt: now, sawToken: false, settled: false }
    if (this.state === 'half-open') {
      this.#waiting = this.#waiting.filter(({ admittedAt }) => now < admittedAt + this.#terms.probeLeaseMs)
      this.#waiting.push(permit)
    }
    this.#expectNothing()
    return permit
  }

  firstToken(permit: ModelPermit): void {
    this.#see(permit)
    this.#expectNothing()
  }

  settled(permit: ModelPermit, now: number, outcome: ModelOutcome): void {
    if (permit.settled) return
    if (outcome.type === 'success') this.#see(permit)
    permit.settled = true
    if (outcome.type === 'failure' && outcome.retryAfterMs !== undefined) {
      this.#notBefore = Math.max(this.#notBefore, now + outcome.retryAfterMs)
      if (this.state === 'open') this.#until = Math.max(this.#until, this.#notBefore)
    }
    if (this.state === 'half-open') this.#endProbe(permit, now, outcome)
    else if (this.state === 'closed') this.#count(permit, now, outcome)
    this.#expectNothing()
  }

  #see(permit: ModelPermit): void {
    if (permit.settled || permit.sawToken) return
    permit.sawToken = true
    if (this.state !== 'half-open' || permit.period !== this.#period || !take(this.#waiting, permit)) return
    this.#streaming.push(permit)
    if (++this.#succeeded < this.#terms.halfOpenProbes) return
    this.#closing = this.#streaming
    this.#notBefore = Number.NEGATIVE_INFINITY
    this.#become('closed')
    this.#expect('closed')
  }

  #endProbe(permit: ModelPermit, now: number, outcome: ModelOutcome): void {
    const was = take(this.#waiting, permit) || take(this.#streaming, permit)
    if (!was || outcome.type !== 'failure') return
    if (now < this.#wasOpenUntil) this.#open(now, this.#wasOpenUntil - now, this.#wasOpenUntil - now)
    else this.#reopen(now)
  }

  #count(permit: ModelPermit, now: number, outcome: ModelOutcome): void {
    if (permit.period !== this.#period) {
      if (take(this.#closing, permit) && outcome.type === 'failure') this.#reopen(now)
      return
    }
    if (outcome.type === 'ignored') return
    this.#outcomes.push({ at: now, failed: outcome.type === 'failure' })
    const { must, may } = this.#verdicts(now)
    const told = this.#claims[0]?.to === 'open'
    if (told && !may) this.#problem('opened without reason: what the last window holds does not open a circuit')
    if (!told && must) this.#problem('not opened: what the last window holds opens a circuit')
    if (told) this.#reopen(now)
  }

  /** Whether the window opens the circuit: a tenth of it may be gone already. */
  #verdicts(now: number): { readonly must: boolean; readonly may: boolean } {
    const { windowMs, minimumCalls, failureRate, consecutiveFailures } = this.#terms
    this.#outcomes = this.#outcomes.filter(({ at }) => now - at < windowMs)
    let must = true
    let may = false
    for (let from = 0; from < this.#outcomes.length; from++) {
      const at = this.#outcomes[from]?.at as number
      const counted = this.#outcomes.slice(from)
      const failures = counted.filter(({ failed }) => failed).length
      const isRow =
        counted.length >= consecutiveFailures && counted.slice(-consecutiveFailures).every(({ failed }) => failed)
      const opens = isRow || (counted.length >= minimumCalls && failures >= failureRate * counted.length)
      may ||= opens
      must &&= opens
      // what is younger counts for certain
      if (now - at <= windowMs * 0.9) break
    }
    return { must, may }
  }

  #reopen(now: number): void {
    const { openForMs, maxOpenForMs } = this.#terms
    this.#open(now, 0.8 * openForMs, maxOpenForMs)
  }

  #open(now: number, least: number, most: number): void {
    this.#become('open')
    this.#outcomes = []
    const openForMs = this.#expect('open')?.openForMs ?? least
    const asked = this.#notBefore - now
    if (openForMs < asked - hair) this.#problem(`a Retry-After is not kept: open for ${openForMs} ms and not ${asked}`)
    if (openForMs < least - hair) this.#problem(`open too short: ${openForMs} ms and not ${least}`)
    if (openForMs > Math.max(most, asked) + hair) this.#problem(`open too long: ${openForMs} ms and not ${most}`)
    this.#until = now + openForMs
  }

  #become(state: StateName): void {
    this.state = state
    this.#period++
  }

  #expect(to: StateName): Claim | undefined {
    const told = this.#claims.shift()
    if (told?.to !== to) this.#problem(`a circuit in the wrong state: ${told?.to ?? 'as it was'}, and not ${to}`)
    return told
  }

  #expectNothing(): void {
    const told = this.#claims.shift()
    if (told !== undefined) this.#problem(`a circuit in the wrong state: ${told.to}, and not ${this.state}`)
  }

  #whyNot(now: number, early: boolean): string {
    if (now < this.#notBefore) return 'asked before its Retry-After'
    if (this.state === 'open') return `asked while its circuit is open${early ? ', early' : ''}`
    return `too many probes: ${this.#waiting.length + this.#succeeded + 1} of ${this.#terms.halfOpenProbes}`
  }
}

function take(permits: ModelPermit[], permit: ModelPermit): boolean {
  const at = permits.indexOf(permit)
  if (at >= 0) permits.splice(at, 1)
  return at >= 0
}
