export type { Accounting, AccountingOptions } from './accounting/accounting.ts'
export type { BudgetDefinition } from './accounting/budget-definition.ts'
export type { BudgetStanding } from './accounting/budget-standing.ts'
export type { BudgetWindow, BudgetWindowName } from './accounting/budget-window.ts'
export * from './accounting/ledger-store.ts'
export type { MemoryLedger, MemoryLedgerOptions } from './accounting/memory-ledger.ts'
export * from './accounting/pricing.ts'
export * from './breaker/index.ts'
export { type Chain, createChain } from './chain/chain.ts'
export { type ChainCapabilities, chainCapabilities } from './chain/chain-capabilities.ts'
export type { ChainOptions, ChainTarget } from './chain/chain-options.ts'
export * from './clock/clock.ts'
export * from './clock/system-clock.ts'
export type { HoldBackOptions } from './continuation/hold-back-options.ts'
export * from './contract/index.ts'
export type {
  AdmissionPermit,
  AdmissionStep,
  AnswerClamp,
  AttemptCharge,
  AttemptInfo,
  AttemptOutcome,
  AttemptPace,
  OperationName,
} from './engine/admission.ts'
export { BreakerBoard, type BreakerBoardOptions } from './engine/breaker-board.ts'
export type { RequestEnd, RequestOutcome, RequestRecorder } from './engine/request-recorder.ts'
export { defaultRetryPolicy, type RetryPolicy } from './engine/retry-policy.ts'
export type { RequestDefaults } from './engine/target.ts'
export { defaultTimeouts, type Timeouts } from './engine/timeouts.ts'
export * from './events/index.ts'
export type { HedgeOptions } from './hedging/hedge-options.ts'
export type { HedgePolicy } from './hedging/hedge-policy.ts'
export type { LimitDefinition, LimitQuantity } from './limits/limit-definition.ts'
export * from './limits/limit-store.ts'
export type { TokenEstimate } from './limits/limited-attempt.ts'
export type { Limiter, LimiterOptions, LimitStanding } from './limits/limiter.ts'
export type { MemoryLimits, MemoryLimitsOptions } from './limits/memory-limits.ts'
export * from './money/index.ts'
export type { LearnedLimits, PerformanceView } from './performance/performance-view.ts'
export type * from './scope/scope.ts'
export type { ChainPlan, PlannedCircuit, PlannedCost, PlannedTarget } from './selection/chain-plan.ts'
export type { SelectionPolicy, SelectionReason, SelectionReasonCode } from './selection/selection-policy.ts'
export type { StickyOptions } from './selection/sticky-options.ts'
export type { TargetCondition } from './selection/target-condition.ts'
