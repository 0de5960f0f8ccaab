import type {
  ChunkSource,
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
import { decodeError, type ErrorReply } from '../openai/decode-error.ts'
import { decodeModels } from '../openai/models.ts'
import { rateLimits } from '../rate-limit-headers.ts'
import { type BodyReader, decodeBody } from '../stream-decoder.ts'
import { decodeResponse } from './decode-response.ts'
import { type EncodeRequestOptions, encodeRequest } from './encode-request.ts'
import { dialect } from './names.ts'
import { streamDecoder } from './stream-decoder.ts'
import { decodeTokenCount, encodeTokenCountRequest } from './token-count.ts'

/** What a provider states once for all its requests. */
export type ProtocolOptions = Pick<EncodeRequestOptions, 'includeObfuscation' | 'reasoningSummary'>

interface CallOptions {
  readonly model: string
  readonly stream: boolean
  readonly facts?: ModelFacts
  readonly strict?: boolean
}

interface Call {
  readonly path: string
  readonly body: JsonObject
}

const streamTypes = ['text/event-stream']

/** The dialect with the paths it is spoken at, as a provider drives it. */
export function protocol(options: ProtocolOptions = {}) {
  return {
    dialect,
    streamTypes,
    encodeRequest: (request: MessageRequest, call: CallOptions): Call & { readonly warnings: readonly Warning[] } => {
      const { body, warnings } = encodeRequest(request, { ...options, ...call })
      return { path: '/responses', body, warnings }
    },
    readStream: (body: BodyReader, context: AnswerContext): ChunkSource => decodeBody(body, streamDecoder(context)),
    readWhole: (body: unknown, context: AnswerContext): MessageResponse => decodeResponse(body, context),
    readError: (reply: ErrorReply, context: AnswerContext): SwitchyardError => decodeError(reply, context),
    readRateLimits: (headers: HeaderReader): RateLimits => rateLimits(headers),
    models: { path: '/models', read: (body: unknown): readonly ModelInfo[] => decodeModels(body) },
    tokenCount: {
      encode: (request: MessageRequest, call: CallOptions): Call => ({
        path: '/responses/input_tokens',
        body: encodeTokenCountRequest(request, { ...options, ...call }),
      }),
      read: (body: unknown, context: AnswerContext): number => decodeTokenCount(body, context),
    },
  }
}
