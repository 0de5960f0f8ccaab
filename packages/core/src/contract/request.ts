import type { DialectExtra, JsonObject, Message } from './message.ts'

/** A function that the model may ask for. `parameters` is a JSON Schema. */
export interface Tool {
  readonly name: string
  readonly description?: string
  readonly parameters?: JsonObject
  /** The provider must keep arguments to the schema. */
  readonly strict?: boolean
  readonly extra?: DialectExtra
}

/** A tool this contract has no word for (a provider's own search, say); sent only to its origin. */
export interface OpaqueTool {
  readonly type: 'opaque'
  readonly origin: string
  readonly value: JsonObject
}

export type ToolChoice =
  | { readonly type: 'auto' | 'none' | 'required' }
  | { readonly type: 'tool'; readonly name: string }
  /** One of these, freely or (`required`) surely. */
  | { readonly type: 'allowed'; readonly names: readonly string[]; readonly required: boolean }

export type ResponseFormat =
  | { readonly type: 'text' }
  | { readonly type: 'json' }
  | {
      readonly type: 'json-schema'
      readonly name: string
      readonly schema: JsonObject
      readonly description?: string
      readonly strict?: boolean
    }

export type ReasoningEffort = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max'

/** One conversation to answer. Immutable: whoever changes it makes a new one. */
export interface MessageRequest {
  /**
   * What answers: a provider's own model name for a provider, the chain's name or nothing for a chain.
   */
  readonly model?: string
  readonly messages: readonly Message[]
  /** Whether the caller wants the answer as it is made; default `true`. A whole answer builds no chunks. */
  readonly stream?: boolean
  /** 0 to 2 with most providers. */
  readonly temperature?: number
  /** 0 to 1. */
  readonly topP?: number
  /** The most tokens the answer may have, reasoning included. */
  readonly maxOutputTokens?: number
  readonly stop?: readonly string[]
  /** -2 to 2. */
  readonly frequencyPenalty?: number
  /** -2 to 2. */
  readonly presencePenalty?: number
  readonly seed?: number
  readonly tools?: readonly (Tool | OpaqueTool)[]
  readonly toolChoice?: ToolChoice
  readonly parallelToolCalls?: boolean
  readonly responseFormat?: ResponseFormat
  readonly reasoningEffort?: ReasoningEffort
  readonly metadata?: Readonly<Record<string, string>>
  /** Calls with the same key are likely to share a prefix; sent where a provider takes one. */
  readonly cacheKey?: string
  readonly extra?: DialectExtra
  /**
   * Set when the request holds something that only one dialect can say and that must not be lost
   * (several choices, an unknown field): targets of other dialects are passed over, and where none
   * is left the error names `fields`.
   */
  readonly boundTo?: { readonly dialect: string; readonly fields: readonly string[] }
}
