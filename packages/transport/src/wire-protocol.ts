import type {
  ChunkSource,
  EmbeddingRequest,
  EmbeddingResponse,
  ErrorDetails,
  JsonObject,
  MessageRequest,
  MessageResponse,
  ModelFacts,
  ModelInfo,
  RateLimits,
  SwitchyardError,
  TransportTimeouts,
  Warning,
} from '@switchyard/core/contract'
import type { BodyReader, HeaderReader } from './body-reader.ts'

/** What reading an answer takes to know of its call. */
export interface AnswerFacts {
  readonly provider: string
  /** Absent for calls that are about none. */
  readonly model?: string
  readonly secrets: readonly string[]
  readonly toolsRequested: boolean
  readonly requestId?: string
  readonly reasoningOutside?: boolean
}

export interface EncodeOptions {
  readonly model: string
  readonly stream: boolean
  readonly facts: ModelFacts
  readonly strict: boolean
}

export interface ErrorReply {
  readonly status: number
  readonly headers: HeaderReader
  readonly body: string
}

/** What is sent, and where to. */
export interface EncodedCall {
  readonly path: string
  readonly body: JsonObject
  /** For this call, over the provider's own of the same name. */
  readonly headers?: Readonly<Record<string, string>>
  readonly warnings?: readonly Warning[]
}

/** How a provider lists its models. */
export interface ModelListing {
  readonly path: string
  read(body: unknown, facts: AnswerFacts): readonly ModelInfo[]
  /** The path of the page after this one, where there is one. */
  nextPage?(body: unknown): string | undefined
  /** Asked for each model, where the list alone says too little. */
  readonly details?: {
    encode(model: ModelInfo): EncodedCall
    read(body: unknown, model: ModelInfo): ModelInfo
  }
}

/** A dialect and the paths it is spoken at. */
export interface WireProtocol {
  /** The dialect's name. */
  readonly dialect: string
  /** Content types of an answer that comes in pieces. */
  readonly streamTypes: readonly string[]
  encodeRequest(request: MessageRequest, options: EncodeOptions): EncodedCall
  readStream(body: BodyReader, facts: AnswerFacts): ChunkSource
  /** @throws {SwitchyardError} what the body says went wrong, or `protocol`. */
  readWhole(body: unknown, facts: AnswerFacts): MessageResponse
  readError(reply: ErrorReply, facts: AnswerFacts): SwitchyardError
  /** What an answer's headers say of the provider's own limits; of refusals too. */
  readRateLimits?(headers: HeaderReader): RateLimits
  readonly models: ModelListing
  readonly embeddings?: {
    encode(request: EmbeddingRequest, model: string): EncodedCall
    read(body: unknown, facts: AnswerFacts): EmbeddingResponse
  }
  readonly tokenCount?: {
    encode(request: MessageRequest, options: EncodeOptions): EncodedCall
    read(body: unknown, facts: AnswerFacts): number
  }
}

/** One HTTP request of a provider, before its base URL and credentials. */
export interface WireCall {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: JsonObject | undefined
  /** Over the provider's own of the same name. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly signal?: AbortSignal | undefined
  readonly timeouts?: TransportTimeouts | undefined
  readonly traceParent?: string | undefined
  /** For the transport to put on its errors; more is known of it later. */
  readonly about: ErrorDetails
}

export interface WireReply {
  readonly status: number
  readonly headers: HeaderReader
  readonly body: BodyReader
}
