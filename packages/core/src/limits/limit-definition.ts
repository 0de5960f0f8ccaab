/** How much may be asked in any rolling minute and day; what is left out is not limited. */
export interface LimitDefinition {
  readonly name: string
  /** Attempts, retries and hedges included. */
  readonly requestsPerMinute?: number
  /** All that prompts and answers hold: cached input and reasoning too, whatever their price. */
  readonly tokensPerMinute?: number
  readonly requestsPerDay?: number
  readonly tokensPerDay?: number
  /**
   * What an attempt reserves until its usage is known: the most that it can use (`strict`: no rolling minute ever
   * passes the limit), or a guess (`estimated`: it may, and the excess counts at once). Default `estimated`.
   */
  readonly mode?: 'strict' | 'estimated'
  /** How long an attempt may wait for room, in milliseconds. Default 0: it is refused at once. */
  readonly maxWaitMs?: number
  /** How many may wait at a time, in each process. Default 100. */
  readonly maxQueue?: number
}

/** What a limit counts: `tokens-per-minute`. */
export type LimitQuantity = `${'requests' | 'tokens'}-per-${'minute' | 'day'}`

const minute = 60_000
const day = 1_440 * minute

/** Every field that limits something. */
export const quantities = [
  { field: 'requestsPerMinute', quantity: 'requests-per-minute', unit: 'requests', windowMs: minute },
  { field: 'tokensPerMinute', quantity: 'tokens-per-minute', unit: 'tokens', windowMs: minute },
  { field: 'requestsPerDay', quantity: 'requests-per-day', unit: 'requests', windowMs: day },
  { field: 'tokensPerDay', quantity: 'tokens-per-day', unit: 'tokens', windowMs: day },
] as const satisfies readonly {
  field: keyof LimitDefinition
  quantity: LimitQuantity
  unit: 'requests' | 'tokens'
  windowMs: number
}[]
