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

/** A dialect and the paths it is spoken at. */
export interface WireProtocol {
  /** The dialect's name. */
  readonly dialect: string
  /** Content types of an answer that comes in pieces. */
  readonly streamTypes: readonly string[]
  readonly modelsPath: string
  encodeRequest(
    request: MessageRequest,
    options: EncodeOptions,
  ): { readonly path: string; readonly body: JsonObject; readonly warnings: readonly Warning[] }
  readStream(body: BodyReader, facts: AnswerFacts): ChunkSource
  /** @throws {SwitchyardError} what the body says went wrong, or `protocol`. */
  readWhole(body: unknown, facts: AnswerFacts): MessageResponse
  readError(reply: ErrorReply, facts: AnswerFacts): SwitchyardError
  readModels(body: unknown, facts: AnswerFacts): readonly ModelInfo[]
  readonly embeddings?: {
    encode(request: EmbeddingRequest, model: string): { readonly path: string; readonly body: JsonObject }
    read(body: unknown, facts: AnswerFacts): EmbeddingResponse
  }
}

/** One HTTP request of a provider, before its base URL and credentials. */
export interface WireCall {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: JsonObject | undefined
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
