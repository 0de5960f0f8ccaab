import type {
  ChunkSource,
  EmbeddingRequest,
  EmbeddingResponse,
  JsonObject,
  MessageRequest,
  MessageResponse,
  ModelFacts,
  ModelInfo,
  RateLimits,
  SwitchyardError,
  Warning,
} from '@switchyard/core/contract'
import type { AnswerContext } from '../answer-context.ts'
import type { HeaderReader } from '../header-reader.ts'
import { decodeError } from '../openai/decode-error.ts'
import { decodeModels } from '../openai/models.ts'
import { rateLimits } from '../rate-limit-headers.ts'
import { type BodyReader, decodeBody } from '../stream-decoder.ts'
import { decodeResponse } from './decode-response.ts'
import { decodeEmbeddingResponse, encodeEmbeddingRequest } from './embeddings.ts'
import { type EncodeRequestOptions, encodeRequest } from './encode-request.ts'
import { dialect } from './names.ts'
import { streamDecoder } from './stream-decoder.ts'

/** What a provider states once for all its requests. */
export type ProtocolOptions = Pick<
  EncodeRequestOptions,
  | 'includeObfuscation'
  | 'mediaInToolResults'
  | 'metadataNeedsStore'
  | 'refusedFields'
  | 'replayReasoning'
  | 'systemRole'
>

interface CallOptions {
  readonly model: string
  readonly stream: boolean
  readonly facts?: ModelFacts
  readonly strict?: boolean
}

const streamTypes = ['text/event-stream']

/** The dialect with the paths it is spoken at, as a provider drives it. */
export function protocol(options: ProtocolOptions = {}) {
  return {
    dialect,
    streamTypes,
    encodeRequest: (
      request: MessageRequest,
      call: CallOptions,
    ): { readonly path: string; readonly body: JsonObject; readonly warnings: readonly Warning[] } => {
      const { body, warnings } = encodeRequest(request, { ...options, ...call })
      return { path: '/chat/completions', body, warnings }
    },
    readStream: (body: BodyReader, context: AnswerContext): ChunkSource => decodeBody(body, streamDecoder(context)),
    readWhole: (body: unknown, context: AnswerContext): MessageResponse => decodeResponse(body, context),
    readError: (
      reply: { readonly status: number; readonly headers: HeaderReader; readonly body: string },
      context: AnswerContext,
    ): SwitchyardError => decodeError(reply, context),
    readRateLimits: (headers: HeaderReader): RateLimits => rateLimits(headers),
    models: { path: '/models', read: (body: unknown): readonly ModelInfo[] => decodeModels(body) },
    embeddings: {
      encode: (request: EmbeddingRequest, model: string): { readonly path: string; readonly body: JsonObject } => ({
        path: '/embeddings',
        body: encodeEmbeddingRequest(request, { model }),
      }),
      read: (body: unknown, context: AnswerContext): EmbeddingResponse => decodeEmbeddingResponse(body, context),
    },
  }
}
