export { decodeError, decodeErrorLine, type ErrorReply } from './decode-error.ts'
export { type DecodeRequestOptions, decodeRequest } from './decode-request.ts'
export { decodeResponse } from './decode-response.ts'
export {
  decodeEmbeddingRequest,
  decodeEmbeddingResponse,
  type EncodeEmbeddingOptions,
  encodeEmbeddingRequest,
  encodeEmbeddingResponse,
} from './embeddings.ts'
export { type EncodedError, encodeError } from './encode-error.ts'
export { type EncodedRequest, type EncodeRequestOptions, encodeRequest } from './encode-request.ts'
export { type EncodeResponseOptions, encodeResponse } from './encode-response.ts'
export { decodeModelDetails, decodeModels, encodeModelDetails, encodeModels } from './models.ts'
export { dialect as name } from './names.ts'
export { type ProtocolOptions, protocol } from './protocol.ts'
export { defaultContextWindow } from './request-options.ts'
export { streamDecoder } from './stream-decoder.ts'
export { type StreamEncoder, type StreamEncoderOptions, streamEncoder } from './stream-encoder.ts'
export { decodeUsage, encodeUsage } from './usage.ts'
