import type { CapabilityName } from '../contract/capabilities.ts'

/** What a request must be like for a target to be asked; all that is said must hold. */
export interface TargetCondition {
  /** Only requests that need one of these: `["images"]`. */
  readonly capabilities?: readonly CapabilityName[]
  /** Only requests whose prompt is estimated at so many tokens at least. */
  readonly minInputTokens?: number
  /** Only requests whose prompt is estimated at so many tokens at most. */
  readonly maxInputTokens?: number
  /** Only these kinds of work, as `CallContext.task` names them. */
  readonly tasks?: readonly string[]
  /** Only requests whose metadata say this. */
  readonly metadata?: Readonly<Record<string, string>>
  /** Only while one attempt is expected to cost no more: `"0.02 USD"`. */
  readonly maxCost?: string
}
