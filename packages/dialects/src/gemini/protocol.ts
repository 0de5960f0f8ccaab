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
import { encodeRequest } from './encode-request.ts'
import { modelPath } from './model-resource.ts'
import { decodeModels, nextPageToken } from './models.ts'
import { dialect } from './names.ts'
import { streamDecoder } from './stream-decoder.ts'
import { decodeTokenCount, encodeTokenCountRequest } from './token-count.ts'

interface CallOptions {
  readonly model: string
  readonly stream: boolean
  readonly facts?: ModelFacts
  readonly strict?: boolean
}

interface Encoded {
  readonly path: string
  readonly body: JsonObject
}

const streamTypes = ['text/event-stream']
const modelsPath = '/models?pageSize=1000'

/** The dialect with the paths it is spoken at, as a provider drives it. */
export function protocol() {
  return {
    dialect,
    streamTypes,
    encodeRequest: (
      request: MessageRequest,
      call: CallOptions,
    ): Encoded & { readonly warnings: readonly Warning[] } => {
      const method = call.stream ? 'streamGenerateContent?alt=sse' : 'generateContent'
      return { path: modelPath(call.model, method), ...encodeRequest(request, call) }
    },
    readStream: (body: BodyReader, context: AnswerContext): ChunkSource => decodeBody(body, streamDecoder(context)),
    readWhole: (body: unknown, context: AnswerContext): MessageResponse => decodeResponse(body, context),
    readError: (reply: ErrorReply, context: AnswerContext): SwitchyardError => decodeError(reply, context),
    models: {
      path: modelsPath,
      read: (body: unknown): readonly ModelInfo[] => decodeModels(body),
      nextPage: (body: unknown): string | undefined => {
        const token = nextPageToken(body)
        return token === undefined ? undefined : `${modelsPath}&pageToken=${encodeURIComponent(token)}`
      },
    },
    embeddings: {
      encode: (request: EmbeddingRequest, model: string): Encoded => ({
        path: modelPath(model, 'batchEmbedContents'),
        body: encodeEmbeddingRequest(request, { model }),
      }),
      read: (body: unknown, context: AnswerContext): EmbeddingResponse => decodeEmbeddingResponse(body, context),
    },
    tokenCount: {
      encode: (request: MessageRequest, call: CallOptions): Encoded => ({
        path: modelPath(call.model, 'countTokens'),
        body: encodeTokenCountRequest(request, call),
      }),
      read: (body: unknown, context: AnswerContext): number => decodeTokenCount(body, context),
    },
  }
}
