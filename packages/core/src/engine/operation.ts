import type { EmbeddingRequest } from '../contract/embedding.ts'
import type { SwitchyardError } from '../contract/errors.ts'
import type { MessageRequest } from '../contract/request.ts'
import type { SelectionReason } from '../selection/selection-policy.ts'
import type { OperationName } from './admission.ts'
import type { Attempt, RunningAttempt } from './attempt.ts'
import type { Target } from './target.ts'

/** What is tried: the same for a message, an embedding, a token count. One for each call. */
export interface Operation<Value> {
  readonly name: OperationName
  /** The request as this target gets it. */
  requestFor(target: Target): MessageRequest | EmbeddingRequest
  /** Why this target can't be asked at all; `undefined` when it can. */
  unsupported(target: Target): SelectionReason | undefined
  /** The target gets the request as the caller made it. */
  isUnaltered(target: Target): boolean
  /** After such a refusal the same target can be asked in another way, at once. */
  mayAskOtherwise?(target: Target, error: SwitchyardError): boolean
  /** Makes one admitted try, and settles its admission. Neither throws nor rejects. */
  attempt(attempt: Attempt): RunningAttempt<Value>
}
