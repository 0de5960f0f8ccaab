import type {
  ChunkSource,
  EmbeddingRequest,
  EmbeddingResponse,
  JsonObject,
  MessageRequest,
  MessageResponse,
  ModelFacts,
  ModelInfo,
  SwitchyardError,
  Warning,
} from '@switchyard/core/contract'
import type { AnswerContext } from '../answer-context.ts'
import { type BodyReader, decodeBody } from '../stream-decoder.ts'
import { decodeError, type ErrorReply } from './decode-error.ts'
import { decodeResponse } from './decode-response.ts'
import { decodeEmbeddingResponse, encodeEmbeddingRequest } from './embeddings.ts'
import { type EncodeRequestOptions, encodeRequest } from './encode-request.ts'
import { decodeModelDetails, decodeModels } from './models.ts'
import { dialect } from './names.ts'
import { streamDecoder } from './stream-decoder.ts'

/** What a provider states once for all its requests; `truncate` is `false` where it does not. */
export type ProtocolOptions = Pick<EncodeRequestOptions, 'keepAlive' | 'truncate'>

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

const streamTypes = ['application/x-ndjson', 'application/ndjson']

/** The dialect with the paths it is spoken at, as a provider drives it. */
export function protocol(options: ProtocolOptions = {}) {
  // a server that cuts a conversation says nothing of it, one that refuses it can be followed by another
  const own = { truncate: false, ...options }
  return {
    dialect,
    streamTypes,
    encodeRequest: (request: MessageRequest, call: CallOptions): Call & { readonly warnings: readonly Warning[] } => {
      const { body, warnings } = encodeRequest(request, { ...own, ...call })
      return { path: '/api/chat', body, warnings }
    },
    readStream: (body: BodyReader, context: AnswerContext): ChunkSource => decodeBody(body, streamDecoder(context)),
    readWhole: (body: unknown, context: AnswerContext): MessageResponse => decodeResponse(body, context),
    readError: (reply: ErrorReply, context: AnswerContext): SwitchyardError => decodeError(reply, context),
    models: {
      path: '/api/tags',
      read: (body: unknown): readonly ModelInfo[] => decodeModels(body),
      details: {
        encode: ({ id }: ModelInfo): Call => ({ path: '/api/show', body: { model: id } }),
        read: (body: unknown, model: ModelInfo): ModelInfo => decodeModelDetails(body, model),
      },
    },
    embeddings: {
      encode: (request: EmbeddingRequest, model: string): Call => ({
        path: '/api/embed',
        body: encodeEmbeddingRequest(request, { ...own, model }),
      }),
      read: (body: unknown, context: AnswerContext): EmbeddingResponse => decodeEmbeddingResponse(body, context),
    },
  }
}
