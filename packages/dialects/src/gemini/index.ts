export { decodeError, decodeErrorEvent, type ErrorReply } from './decode-error.ts'
export { type DecodeRequestOptions, decodeRequest } from './decode-request.ts'
export { decodeResponse } from './decode-response.ts'
export {
  decodeEmbeddingRequest,
  decodeEmbeddingResponse,
  encodeEmbeddingRequest,
  encodeEmbeddingResponse,
} from './embeddings.ts'
export { type EncodedError, encodeError } from './encode-error.ts'
export { type EncodedRequest, type EncodeRequestOptions, encodeRequest } from './encode-request.ts'
export { type EncodeResponseOptions, encodeResponse } from './encode-response.ts'
export { decodeModels, encodeModels, nextPageToken } from './models.ts'
export { dialect as name } from './names.ts'
export { protocol } from './protocol.ts'
export { streamDecoder } from './stream-decoder.ts'
export { type StreamEncoder, streamEncoder } from './stream-encoder.ts'
export {
  decodeTokenCount,
  decodeTokenCountRequest,
  encodeTokenCount,
  encodeTokenCountRequest,
} from './token-count.ts'
export { decodeUsage, encodeUsage } from './usage.ts'
