import type { AttemptRecord } from './errors.ts'
import type { DialectExtra, InvalidInput, JsonObject, JsonValue } from './message.ts'
import type { BilledAttempt, Usage } from './usage.ts'

/** A setting that was left out or changed because the target does not take it. */
export interface Warning {
  /** The field of our request: `topP`, `tools[2].strict`; the wire's own where ours has no word for it: `logprobs`. */
  readonly setting: string
  readonly message: string
}

/** Why an answer ended. */
export type FinishReason =
  | 'stop'
  | 'stop-sequence'
  | 'length'
  | 'tool-calls'
  | 'content-filter'
  | 'refusal'
  | 'pause'
  | 'context-length'
  | 'other'

/** First of every stream, once. */
export interface StartChunk {
  readonly type: 'start'
  /** The provider's id of this answer. */
  readonly id?: string
  /** `provider/model` that answers. */
  readonly model: string
  /** Seconds since 1970, as the provider said. */
  readonly created?: number
  /** The answer comes from a simulated provider. */
  readonly simulated?: true
  readonly warnings?: readonly Warning[]
  /** What failed before this answer began; a provider leaves it out, a chain fills it. */
  readonly failedAttempts?: readonly AttemptRecord[]
  readonly extra?: DialectExtra
}

interface BlockStart {
  /** Names the block within this answer; its deltas and end carry the same. */
  readonly id: number
  /** Which of several choices it belongs to; absent means the first. */
  readonly choice?: number
  readonly extra?: DialectExtra
}
interface BlockDelta {
  readonly id: number
  readonly extra?: DialectExtra
}
interface BlockEnd {
  readonly id: number
  /** `false` when a limit cut the block short. */
  readonly complete: boolean
  readonly extra?: DialectExtra
}

export interface TextStartChunk extends BlockStart {
  readonly type: 'text-start'
  /** The model declines, and this text is how it says so. */
  readonly refusal?: true
}
export interface TextDeltaChunk extends BlockDelta {
  readonly type: 'text-delta'
  readonly text: string
}
export interface TextEndChunk extends BlockEnd {
  readonly type: 'text-end'
}

export interface ReasoningStartChunk extends BlockStart {
  readonly type: 'reasoning-start'
  /** The dialect that produced it. */
  readonly origin: string
}
export interface ReasoningDeltaChunk extends BlockDelta {
  readonly type: 'reasoning-delta'
  readonly text: string
}
export interface ReasoningEndChunk extends BlockEnd {
  readonly type: 'reasoning-end'
  readonly signature?: string
}

export interface ToolCallStartChunk extends BlockStart {
  readonly type: 'tool-call-start'
  /** At most 40 of `[A-Za-z0-9_-]`, unique in the conversation. */
  readonly callId: string
  readonly name: string
}
export interface ToolCallDeltaChunk extends BlockDelta {
  readonly type: 'tool-call-delta'
  /** The next piece of the arguments' JSON text. */
  readonly text: string
}
export type ToolCallEndChunk = BlockEnd & { readonly type: 'tool-call-end' } & (
    | { readonly input: JsonObject; readonly invalid?: undefined }
    /** The wire ended the call and its arguments do not parse, or a limit cut them. */
    | { readonly input?: undefined; readonly invalid: InvalidInput }
  )

/** A block nobody here knows; `value` of start and deltas is what the wire said. */
export interface OpaqueStartChunk extends BlockStart {
  readonly type: 'opaque-start'
  readonly origin: string
  readonly value: JsonValue
}
export interface OpaqueDeltaChunk extends BlockDelta {
  readonly type: 'opaque-delta'
  readonly value: JsonValue
}
export interface OpaqueEndChunk extends BlockEnd {
  readonly type: 'opaque-end'
}

/** The provider is alive and says nothing yet. */
export interface PingChunk {
  readonly type: 'ping'
}

/** The answer goes on from another target. */
export interface TargetChunk {
  readonly type: 'target'
  /** `provider/model`. */
  readonly model: string
  readonly reason: string
}

/** Last of every complete stream, once. */
export interface FinishChunk {
  readonly type: 'finish'
  readonly reason: FinishReason
  /** The provider's own word for the reason. */
  readonly rawReason?: string
  /** Of the answer delivered; absent where the provider never said. */
  readonly usage?: Usage
  /** Every attempt that was made for this answer; a provider leaves it out, a chain fills it. */
  readonly billed?: readonly BilledAttempt[]
  readonly stopSequence?: string
  /** How the other choices ended, when several were asked for. */
  readonly otherChoices?: readonly ChoiceFinish[]
  readonly extra?: DialectExtra
}

export interface ChoiceFinish {
  readonly choice: number
  readonly reason: FinishReason
  readonly rawReason?: string
  readonly extra?: DialectExtra
}

export type BlockChunk =
  | TextStartChunk
  | TextDeltaChunk
  | TextEndChunk
  | ReasoningStartChunk
  | ReasoningDeltaChunk
  | ReasoningEndChunk
  | ToolCallStartChunk
  | ToolCallDeltaChunk
  | ToolCallEndChunk
  | OpaqueStartChunk
  | OpaqueDeltaChunk
  | OpaqueEndChunk

/**
 * One step of an answer. Every stream is `start (block | ping | target)* finish`, or throws;
 * blocks are start, delta, end with one id and may interleave.
 */
export type MessageChunk = StartChunk | BlockChunk | PingChunk | TargetChunk | FinishChunk
