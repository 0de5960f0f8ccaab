export * from '../openai/errors.ts'
export { decodeModels, encodeModels } from '../openai/models.ts'
export { rateLimits } from '../rate-limit-headers.ts'
export { type DecodeRequestOptions, decodeRequest } from './decode-request.ts'
export { decodeResponse } from './decode-response.ts'
export {
  decodeEmbeddingRequest,
  decodeEmbeddingResponse,
  type EmbeddingEncoding,
  embeddingEncoding,
  encodeEmbeddingRequest,
  encodeEmbeddingResponse,
} from './embeddings.ts'
export { type EncodedRequest, type EncodeRequestOptions, encodeRequest } from './encode-request.ts'
export { type EncodeResponseOptions, encodeResponse } from './encode-response.ts'
export { dialect as name } from './names.ts'
export { type ProtocolOptions, protocol } from './protocol.ts'
export { functionCallExpected, streamUsageRequested } from './request-fields.ts'
export { streamDecoder } from './stream-decoder.ts'
export { type StreamEncoder, type StreamEncoderOptions, streamEncoder } from './stream-encoder.ts'
export { decodeUsage, encodeUsage } from './usage.ts'
