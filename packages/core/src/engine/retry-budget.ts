const capacity = 10
const earnedByFirstAttempt = 0.1

/**
 * What one target may receive beyond first attempts: a burst of ten, then one for each ten first
 * attempts, so that an outage is not answered with a storm (the numbers are gRPC's, proposal A6).
 */
export class RetryBudget {
  #tokens = capacity

  /** A first attempt is free and earns a little. */
  deposit(): void {
    this.#tokens = Math.min(capacity, this.#tokens + earnedByFirstAttempt)
  }

  /** Takes one token; `false` where none is left. */
  withdraw(): boolean {
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }

  /** Gives back a token for what was not sent after all. */
  refund(): void {
    this.#tokens = Math.min(capacity, this.#tokens + 1)
  }
}
