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
import { type BodyReader, decodeBody } from '../stream-decoder.ts'
import { decodeError } from './decode-error.ts'
import { decodeResponse } from './decode-response.ts'
import { type EncodedRequest, type EncodeRequestOptions, encodeRequest } from './encode-request.ts'
import { decodeModels, nextModelsPage } from './models.ts'
import { dialect } from './names.ts'
import { rateLimits } from './rate-limits.ts'
import { streamDecoder } from './stream-decoder.ts'
import { decodeTokenCount, encodeTokenCountRequest } from './token-count.ts'

/** What a provider states once for all its requests. */
export type ProtocolOptions = Pick<EncodeRequestOptions, 'version'>

interface CallOptions {
  readonly model: string
  readonly stream: boolean
  readonly facts?: ModelFacts
  readonly strict?: boolean
}

interface Call {
  readonly path: string
  readonly body: JsonObject
  readonly headers: Readonly<Record<string, string>>
  readonly warnings: readonly Warning[]
}

const streamTypes = ['text/event-stream']
const messagesPath = '/v1/messages'
const modelsPath = '/v1/models?limit=1000'

/** The dialect with the paths it is spoken at, as a provider drives it. */
export function protocol(options: ProtocolOptions = {}) {
  const call = (path: string, { body, version, warnings }: EncodedRequest): Call => ({
    path,
    body,
    headers: { 'anthropic-version': version },
    warnings,
  })
  return {
    dialect,
    streamTypes,
    encodeRequest: (request: MessageRequest, about: CallOptions): Call =>
      call(messagesPath, encodeRequest(request, { ...options, ...about })),
    readStream: (body: BodyReader, context: AnswerContext): ChunkSource => decodeBody(body, streamDecoder(context)),
    readWhole: (body: unknown, context: AnswerContext): MessageResponse => decodeResponse(body, context),
    readError: (
      reply: { readonly status: number; readonly headers: HeaderReader; readonly body: string },
      context: AnswerContext,
    ): SwitchyardError => decodeError(reply, context),
    readRateLimits: (headers: HeaderReader): RateLimits => rateLimits(headers),
    models: {
      path: modelsPath,
      read: (body: unknown): readonly ModelInfo[] => decodeModels(body),
      nextPage: (body: unknown): string | undefined => {
        const after = nextModelsPage(body)
        return after === undefined ? undefined : `${modelsPath}&after_id=${encodeURIComponent(after)}`
      },
    },
    tokenCount: {
      encode: (request: MessageRequest, about: CallOptions): Call =>
        call(`${messagesPath}/count_tokens`, encodeTokenCountRequest(request, { ...options, ...about })),
      read: (body: unknown, context: AnswerContext): number => decodeTokenCount(body, context),
    },
  }
}
