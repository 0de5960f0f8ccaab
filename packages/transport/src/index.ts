export { checkedBaseURL, secretsIn } from './base-url.ts'
export type { BodyReader, HeaderReader } from './body-reader.ts'
export type { ConnectionOptions } from './connections.ts'
export { Endpoint, type EndpointOptions } from './endpoint.ts'
export type { FetchExtension, TransportFetch, TransportFetchInit } from './fetch.ts'
export { bodyReader } from './fetch-response.ts'
export { HttpProvider, type HttpProviderDefinition, type HttpProviderOptions } from './http-provider.ts'
export { mergedFacts } from './model-settings.ts'
export { type RequestBuilder, sdkRequest } from './sdk-request.ts'
export type { ResponseBody, Transport, TransportOptions, TransportRequest, TransportResponse } from './transport.ts'
export { createTransport } from './transport.ts'
export type {
  AnswerFacts,
  EncodedCall,
  EncodeOptions,
  ErrorReply,
  ModelListing,
  WireCall,
  WireProtocol,
  WireReply,
} from './wire-protocol.ts'
