export { type AcceptedRequest, seedOf, thinkingTokens } from './accepted-request.ts'
export {
  AccountLimits,
  type AccountState,
  type LimitExcess,
  type LimitedThing,
  type LimitedUse,
} from './account-limits.ts'
export type * from './answer.ts'
export { simulatedApis } from './apis.ts'
export type { Bill, BillEntry } from './bill.ts'
export { type ErrorWording, type FaultKind, RequestRefusal } from './error-wording.ts'
export type * from './fault.ts'
export * from './framing.ts'
export {
  type AnsweringOptions,
  type GeneratedAnswer,
  type GeneratedUsage,
  generatedAnswer,
} from './generated-answer.ts'
export type { GeneratedBlock, GeneratedChoice } from './generation.ts'
export { jsonInstance } from './json-instance.ts'
export { simulatedModels } from './openai/openai-models.ts'
export type { RateLimits } from './rate-limit.ts'
export { type Billing, jsonReply, type Reply, type ReplyPiece, type StreamSpelling, wholeReply } from './reply.ts'
export type { LoggedRequest } from './request-log.ts'
export type * from './simulated-api.ts'
export { type ModelRole, type ModelRoles, ServedModels, type SimulatedModel } from './simulated-model.ts'
export { startSimulator } from './simulator.ts'
export type { SimulatedApiName, Simulator, SimulatorOptions } from './simulator-contract.ts'
export { countTokens, tokensOf } from './token-count.ts'
