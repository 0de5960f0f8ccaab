/** What all processes of a fleet take a circuit to be. Times are relative, since clocks of processes differ. */
export type SharedCircuit =
  | { readonly name: 'closed' }
  | {
      readonly name: 'open'
      /** Until a probe may be let through, in milliseconds. */
      readonly remainingMs: number
      /** What is left of the longest Retry-After, in milliseconds; not even an early probe goes before it. */
      readonly retryAfterMs: number
      /** Probes that failed since the circuit was last well. */
      readonly failedProbes: number
    }
  | { readonly name: 'isolated' }

/** The same circuit, so many milliseconds later. */
export function circuitLater(circuit: SharedCircuit, ms: number): SharedCircuit {
  if (circuit.name !== 'open') return circuit
  const { remainingMs, retryAfterMs } = circuit
  return { ...circuit, remainingMs: Math.max(0, remainingMs - ms), retryAfterMs: Math.max(0, retryAfterMs - ms) }
}

/** Told of a circuit that another process has changed. */
export type CircuitListener = (key: string, circuit: SharedCircuit) => void

/** Whether this process may send the fleet's one probe. */
export type ProbeAnswer =
  | { readonly granted: true }
  /** Another one probes, or it is too early; asking again makes sense after so many milliseconds. */
  | { readonly granted: false; readonly retryAfterMs: number }

/**
 * Makes the circuits of several processes one. Closed circuits cost nothing: only what changes is told, and only who
 * wants to probe has to ask. Where the others are out of reach, every process goes on by itself.
 */
export interface CircuitSharing {
  /** Hears of every circuit that is not closed, now or soon, and of every change; the result ends it. */
  listen(listener: CircuitListener): () => void
  /**
   * What a breaker of this process has become. An opening ends at the later of the deadlines told, and an isolation
   * only with a release. Ends a probe that this process holds. Never throws.
   */
  tell(key: string, circuit: SharedCircuit, cause: CircuitCause): void
  /**
   * Asks for the one probe; it is this process's until `tell` or `release`, its death, or at most `leaseMs`. Where it
   * fails, or says nothing for a second, this process probes by itself.
   */
  probe(key: string, leaseMs: number, early: boolean): Promise<ProbeAnswer>
  /** Gives a probe back that has said nothing. Never throws. */
  release(key: string): void
}

/** Who changed it: what calls said, or somebody by hand. */
export type CircuitCause = 'outcome' | 'hand'
