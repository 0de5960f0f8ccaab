import type { FinishReason } from '../contract/chunk.ts'
import type { EmbeddingRequest } from '../contract/embedding.ts'
import type { SwitchyardError } from '../contract/errors.ts'
import type { CallContext } from '../contract/provider.ts'
import type { MessageRequest } from '../contract/request.ts'
import type { OperationName } from './admission.ts'

/** One request from its caller's side: what was asked, and what came of all its attempts. */
export interface RequestEnd {
  /** The `callId` of its attempts. */
  readonly callId: string
  readonly requestId: string
  /** The outermost chain. */
  readonly chain: string
  readonly operation: OperationName
  /** As the caller made it. */
  readonly request: MessageRequest | EmbeddingRequest
  readonly context: CallContext
  /** `provider/model` that answered; absent where none did. */
  readonly target?: string
  /** How many attempts were sent. */
  readonly attempts: number
  readonly outcome: RequestOutcome
  /** From the caller's call, in milliseconds. */
  readonly durationMs: number
}

export type RequestOutcome =
  | { readonly type: 'completed'; readonly reason?: FinishReason }
  | { readonly type: 'failed' | 'cancelled'; readonly error: SwitchyardError }

/** Keeps a record of requests. */
export interface RequestRecorder {
  /**
   * Told once of every request that no other chain made. Of a good answer it is told together with the steps of its
   * last attempt, and awaited with them before the answer's end is shown: what it throws, the caller gets instead.
   */
  ended(request: RequestEnd): void | Promise<void>
}
