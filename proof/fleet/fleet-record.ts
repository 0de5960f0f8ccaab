import type { AttemptRow, Standing } from './budget-watch.ts'
import type { CallerRequest } from './callers.ts'
import type { Damage } from './chaos.ts'
import type { ProviderRequest } from './provider-account.ts'

/** All that was seen of one run, by everybody. */
export interface FleetRecord {
  readonly seed: string
  readonly seconds: number
  readonly damage: Damage
  /** What callers saw. */
  readonly callers: readonly CallerRequest[]
  /** What providers saw and billed. */
  readonly providers: readonly ProviderRequest[]
  /** What the ledger holds. */
  readonly attempts: readonly AttemptRow[]
  /** Ids of requests it holds as completed. */
  readonly completed: readonly string[]
  readonly standing: Standing
  /** The most that was ever settled, reserved and charged together. */
  readonly highest: bigint
  readonly looks: number
  readonly sawExpired: boolean
  /** Of the gateways that were asked to end, at the end. */
  readonly exitCodes: readonly (number | null)[]
}
