import type { ModelCapabilities, ModelInfo } from './capabilities.ts'
import type { EmbeddingRequest, EmbeddingResponse } from './embedding.ts'
import type { RateLimits } from './rate-limits.ts'
import type { MessageRequest } from './request.ts'
import type { MessageStream } from './stream.ts'

/** What travels with one call from the caller to the wire. Every field is optional for the caller. */
export interface CallContext {
  /** Ends the call and closes its socket, at any moment. */
  readonly signal?: AbortSignal
  /** When the call must be over, in milliseconds of the engine's monotonic clock (`performance.now()` by default). */
  readonly deadline?: number
  /** Names the call in events and errors; made where absent. */
  readonly requestId?: string
  /** Who asks, for budgets and usage. */
  readonly principal?: string
  readonly tags?: readonly string[]
  /** W3C `traceparent`. */
  readonly traceParent?: string
  /** What kind of work it is (`"chat"`, `"code"`), for choosing among targets and for what is remembered of them. */
  readonly task?: string
  /** Refuse what would otherwise be dropped with a warning; default `false`. */
  readonly strict?: boolean
  /** Attempts that may still be made, shared with everything nested. Chains set it; callers leave it out. */
  readonly attempts?: AttemptAllowance
  /** The chains it came through, outermost first. Chains set it; callers leave it out. */
  readonly chains?: readonly string[]
  /** Names the outermost chain's request in the records of all its attempts. Chains set it; callers leave it out. */
  readonly callId?: string
  /** The caller's word for the most that one attempt may cost, in pico-USD, where no bound can be stated. */
  readonly maxCost?: bigint
  /** Told what an answer's headers say of the provider's own limits. Chains set it; a caller without a chain may. */
  readonly onRateLimits?: (limits: RateLimits) => void
  /** Limits for phases that only the transport sees. Chains set it; a caller without a chain may. */
  readonly timeouts?: TransportTimeouts
}

/** A count that nested chains draw from together. */
export interface AttemptAllowance {
  left: number
  /** Attempts that may still be made beside one that is slow to begin; the first chain that makes them says how many. */
  hedges?: number
  /** Every other target has refused: a nested chain may send a probe before its time. */
  lastResort: boolean
}

export interface TransportTimeouts {
  /** Milliseconds until the socket is ready for the request. */
  readonly connectMs?: number
  /** Milliseconds from there to the response's headers. */
  readonly headersMs?: number
}

export interface InitializeOptions {
  /** Prove the key with a call that costs nothing; without it nothing touches the network. */
  readonly verify?: boolean
  readonly signal?: AbortSignal
}

export interface DisposeOptions {
  /** Let what is in flight finish instead of aborting it; default `false`. */
  readonly drain?: boolean
}

/** Something that answers messages: a provider, or a chain of them. */
export interface IAIProvider extends AsyncDisposable {
  /** The version of this contract; the registry refuses others. */
  readonly contract: 1
  /** Lower-case name, unique in a registry, without `/`: `"openai"`. */
  readonly id: string
  /** Idempotent. @throws what is wrong with the key or the server, with `{ verify: true }`. */
  initialize(options?: InitializeOptions): Promise<void>
  /**
   * Settles when the provider accepts or refuses; a chain, at the first visible text, tool call or finish.
   * @throws {SwitchyardError} always, and nothing else.
   */
  sendMessage(request: MessageRequest, context?: CallContext): Promise<MessageStream>
  /** Synchronous, no I/O; may answer differently when more is known. */
  getCapabilities(model: string): ModelCapabilities
  /** Asks the provider. */
  getModels(context?: CallContext): Promise<readonly ModelInfo[]>
  embed?(request: EmbeddingRequest, context?: CallContext): Promise<EmbeddingResponse>
  countTokens?(request: MessageRequest, context?: CallContext): Promise<number>
  /**
   * Idempotent. What is in flight ends as `aborted`; calls made afterwards are refused as `unavailable`.
   * A chain takes both for a failure of that target and asks the next.
   */
  dispose(options?: DisposeOptions): Promise<void>
}
