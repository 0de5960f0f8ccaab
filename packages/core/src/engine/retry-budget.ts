// counted in tenths of a token, so that ten of them are one
const capacity = 50
const earnedByAnswer = 1
const token = 10

/**
 * What one target may receive beyond first attempts: a burst of five, then one for each ten answers, so that an outage
 * is not answered with a storm. The numbers are gRPC's (proposal A6), which gives ten tokens and retries while more than
 * half of them are left.
 */
export class RetryBudget {
  #tenths = capacity

  /** An answer that ran to its end earns a little; what failed earns nothing. */
  deposit(): void {
    this.#tenths = Math.min(capacity, this.#tenths + earnedByAnswer)
  }

  /** Nothing more may be received. */
  get isSpent(): boolean {
    return this.#tenths < token
  }

  /** Takes one token; `false` where none is left. */
  withdraw(): boolean {
    if (this.isSpent) return false
    this.#tenths -= token
    return true
  }

  /** Gives back a token for what was not sent after all. */
  refund(): void {
    this.#tenths = Math.min(capacity, this.#tenths + token)
  }
}
