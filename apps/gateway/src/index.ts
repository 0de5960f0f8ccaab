export { curlLine, greeting } from './greeting.ts'
export type { RequestLog, RequestRecord } from './request-log.ts'
export { type Gateway, type GatewayOptions, startGateway } from './start-gateway.ts'
