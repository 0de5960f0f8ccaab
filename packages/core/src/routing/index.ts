export {
  type Concurrency,
  type ConcurrencyOptions,
  type ConcurrencyStanding,
  createConcurrency,
} from '../concurrency/concurrency.ts'
export type * from '../concurrency/concurrency-definition.ts'
export type { HedgeOptions } from '../hedging/hedge-options.ts'
export type { HedgePolicy } from '../hedging/hedge-policy.ts'
export { hedging } from '../hedging/hedging.ts'
export {
  createPerformance,
  type Performance,
  type PerformanceOptions,
} from '../performance/performance.ts'
export type { Percentiles, PerformanceRecord } from '../performance/performance-record.ts'
export type { PerformanceSnapshot } from '../performance/performance-snapshot.ts'
export type { LearnedLimits, PerformanceView } from '../performance/performance-view.ts'
export type { ChainPlan, PlannedCircuit, PlannedCost, PlannedTarget } from '../selection/chain-plan.ts'
export { leastBusy } from '../selection/least-busy.ts'
export { type LowestCostOptions, lowestCost } from '../selection/lowest-cost.ts'
export { type LowestLatencyOptions, lowestLatency } from '../selection/lowest-latency.ts'
export type {
  SelectableTarget,
  Selection,
  SelectionPolicy,
  SelectionPorts,
  SelectionReason,
  SelectionReasonCode,
  SelectionRequest,
  TargetSelector,
} from '../selection/selection-policy.ts'
export type { StickyOptions } from '../selection/sticky-options.ts'
export type { TargetCondition } from '../selection/target-condition.ts'
export { weighted } from '../selection/weighted.ts'
